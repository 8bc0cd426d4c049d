/**
 * The allow-list of the root: from which Debian package which files come. What is not named here is not in the image,
 * and a name that matches nothing fails the build, so this list stays true. Dependencies are not followed: the build
 * checks instead that every library that a kept program needs is there.
 */
export interface PackageContents {
  readonly name: string;
  /** Globs over paths without the leading slash; `*` stays within a folder, `**` does not. */
  readonly keep: readonly string[];
  /** The package ships setuid programs that Ballast runs only as root: they lose the bit. */
  readonly dropSetuid?: boolean;
}

/** The shared libraries of a library package, nothing else of it. */
function library(name: string): PackageContents {
  return { name, keep: ["usr/lib/x86_64-linux-gnu/*.so*"] };
}

const SYSTEM = "usr/lib/systemd/system";

export const packages: readonly PackageContents[] = [
  // C library and what everything links to
  {
    name: "libc6",
    keep: [
      "usr/lib64/ld-linux-x86-64.so.2",
      "usr/lib/x86_64-linux-gnu/ld-linux-x86-64.so.2",
      "usr/lib/x86_64-linux-gnu/lib{c,m,mvec,dl,pthread,rt,resolv,nss_dns,nss_files}.so.*",
    ],
  },
  library("libacl1"),
  library("libapparmor1"),
  library("libatomic1"),
  library("libaudit1"),
  library("libblkid1"),
  library("libcap-ng0"),
  library("libcap2"),
  library("libcom-err2"),
  library("libcrypt1"),
  library("libcryptsetup12"),
  library("libdevmapper1.02.1"),
  library("libexpat1"),
  library("libext2fs2t64"),
  library("libfdisk1"),
  library("libffi8"),
  library("libgcc-s1"),
  library("libgmp10"),
  library("libgnutls30t64"),
  library("libhogweed6t64"),
  library("libidn2-0"),
  library("libjson-c5"),
  library("libkmod2"),
  library("liblz4-1"),
  library("liblzma5"),
  library("libmount1"),
  library("libnettle8t64"),
  library("libnss-systemd"),
  library("libp11-kit0"),
  library("libpam0g"),
  library("libpcre2-8-0"),
  library("libseccomp2"),
  library("libselinux1"),
  library("libss2"),
  { name: "libssl3t64", keep: ["usr/lib/x86_64-linux-gnu/lib{crypto,ssl}.so.3"] },
  library("libstdc++6"),
  {
    name: "libsystemd-shared",
    keep: ["usr/lib/x86_64-linux-gnu/systemd/libsystemd-{core,shared}-*.so"],
  },
  library("libsystemd0"),
  library("libtasn1-6"),
  library("libudev1"),
  library("libunistring5"),
  library("libuuid1"),
  library("libxxhash0"),
  library("libzstd1"),
  library("zlib1g"),

  // Init, devices, network
  {
    name: "systemd",
    keep: [
      "usr/bin/{busctl,journalctl,networkctl,systemctl,systemd-analyze,systemd-cgls,systemd-detect-virt,systemd-tmpfiles}",
      "usr/lib/systemd/systemd",
      "usr/lib/systemd/systemd-{executor,fsck,growfs,journald,logind,networkd,networkd-wait-online,pstore,random-seed,shutdown,sysctl,cgroups-agent,makefs}",
      "usr/lib/systemd/system-generators/systemd-fstab-generator",
      `${SYSTEM}/{basic,blockdev@,boot-complete,final,halt,kexec,local-fs,local-fs-pre,multi-user,network,network-online,network-pre,nss-lookup,nss-user-lookup,paths,poweroff,reboot,remote-fs,remote-fs-pre,shutdown,slices,sockets,soft-reboot,swap,sysinit,time-set,time-sync,timers,umount}.target`,
      `${SYSTEM}/{machine,user}.slice`,
      `${SYSTEM}/{dev-hugepages,dev-mqueue,tmp,sys-kernel-config,sys-kernel-debug,sys-kernel-tracing}.mount`,
      `${SYSTEM}/systemd-{fsck@,growfs@,halt,journal-flush,journald,logind,networkd,networkd-persistent-storage,networkd-wait-online,poweroff,pstore,random-seed,reboot,soft-reboot,kexec,sysctl,tmpfiles-clean,tmpfiles-setup,tmpfiles-setup-dev,tmpfiles-setup-dev-early}.service`,
      `${SYSTEM}/systemd-logind.service.d/dbus.conf`,
      `${SYSTEM}/systemd-{journald,journald-dev-log,networkd}.socket`,
      `${SYSTEM}/systemd-tmpfiles-clean.timer`,
      `${SYSTEM}/local-fs.target.wants/tmp.mount`,
      `${SYSTEM}/sockets.target.wants/systemd-{journald,journald-dev-log}.socket`,
      `${SYSTEM}/sysinit.target.wants/{dev-hugepages,dev-mqueue,sys-kernel-config,sys-kernel-debug,sys-kernel-tracing}.mount`,
      `${SYSTEM}/sysinit.target.wants/systemd-{journal-flush,journald,random-seed,sysctl,tmpfiles-setup,tmpfiles-setup-dev,tmpfiles-setup-dev-early}.service`,
      `${SYSTEM}/multi-user.target.wants/systemd-logind.service`,
      `${SYSTEM}/timers.target.wants/systemd-tmpfiles-clean.timer`,
      "usr/lib/sysctl.d/50-pid-max.conf",
      "usr/lib/udev/rules.d/99-systemd.rules",
      "usr/lib/tmpfiles.d/{systemd,systemd-network,systemd-pstore,systemd-tmp,tmp}.conf",
      "usr/share/dbus-1/{system.d,system-services}/org.freedesktop.{login1,network1,systemd1}.*",
    ],
  },
  {
    name: "systemd-resolved",
    keep: [
      "usr/bin/resolvectl",
      "usr/lib/systemd/{systemd-resolved,resolv.conf}",
      `${SYSTEM}/systemd-resolved.service`,
      "usr/lib/tmpfiles.d/systemd-resolve.conf",
      "usr/share/dbus-1/{system.d,system-services}/org.freedesktop.resolve1.*",
    ],
  },
  {
    name: "systemd-repart",
    keep: [
      "usr/bin/systemd-repart",
      `${SYSTEM}/systemd-repart.service`,
      `${SYSTEM}/sysinit.target.wants/systemd-repart.service`,
    ],
  },
  {
    name: "udev",
    keep: [
      "usr/bin/udevadm",
      "usr/lib/systemd/systemd-udevd",
      "usr/lib/systemd/network/99-default.link",
      `${SYSTEM}/systemd-udev{-trigger,d}.service`,
      `${SYSTEM}/systemd-udevd.service.d/syscall-architecture.conf`,
      `${SYSTEM}/systemd-udevd-{control,kernel}.socket`,
      `${SYSTEM}/sockets.target.wants/systemd-udevd-{control,kernel}.socket`,
      `${SYSTEM}/sysinit.target.wants/systemd-udev{-trigger,d}.service`,
      "usr/lib/tmpfiles.d/static-nodes-permissions.conf",
      "usr/lib/udev/scsi_id",
      "usr/lib/udev/rules.d/{50-udev-default,60-block,60-input-id,60-persistent-storage,60-serial,70-power-switch,75-net-description,80-net-setup-link}.rules",
    ],
  },
  { name: "dbus-broker", keep: ["usr/bin/*", `${SYSTEM}/dbus-broker.service`] },
  {
    name: "dbus-system-bus-common",
    keep: [
      "usr/share/dbus-1/system.conf",
      `${SYSTEM}/dbus.socket`,
      `${SYSTEM}/sockets.target.wants/dbus.socket`,
    ],
  },
  // The unit is Ballast's own; chronyc is not needed, chronyd opens no door for it.
  { name: "chrony", keep: ["usr/sbin/chronyd"] },
  { name: "netbase", keep: ["etc/{protocols,services}"] },
  { name: "ca-certificates", keep: ["usr/share/ca-certificates/mozilla/*.crt"] },

  // File systems
  {
    name: "e2fsprogs",
    keep: [
      "etc/mke2fs.conf",
      "usr/sbin/{e2fsck,fsck.ext4,mke2fs,mkfs.ext4,resize2fs}",
      "usr/bin/chattr",
    ],
  },
  { name: "mount", keep: ["usr/bin/{mount,umount}"], dropSetuid: true },
  { name: "util-linux", keep: ["usr/sbin/{blkdiscard,blkid,fsck}"] },

  // Containers
  { name: "containerd", keep: ["usr/bin/{containerd,containerd-shim-runc-v2,ctr}"] },
  { name: "runc", keep: ["usr/sbin/runc", "usr/bin/runc"] },
  {
    name: "containernetworking-plugins",
    keep: ["usr/lib/cni/{bridge,firewall,host-local,loopback,portmap}"],
  },
  {
    name: "iptables",
    keep: [
      "usr/sbin/xtables-nft-multi",
      "usr/sbin/{iptables,ip6tables}-nft{,-restore,-save}",
      "usr/lib/x86_64-linux-gnu/xtables/libxt_{CT,MARK,NAT,MASQUERADE,DNAT,SNAT,REDIRECT,TCPMSS,addrtype,comment,conntrack,limit,mark,multiport,physdev,set,standard,state,statistic,tcp,tcpmss,udp}.so",
      "usr/lib/x86_64-linux-gnu/xtables/lib{ipt,ip6t}_REJECT.so",
      "usr/lib/x86_64-linux-gnu/xtables/lib{ipt_icmp,ip6t_icmp6}.so",
    ],
  },
  library("libmnl0"),
  library("libnftnl11"),
  library("libxtables12"),
];

/** Units started at boot besides those that their packages link already; an `Alias=` of theirs is linked too. */
export const enabledUnits = [
  "chronyd.service",
  "containerd.service",
  "dbus-broker.service",
  "host-containerd.path",
  "reset-data.service",
  "state-volatile.service",
  "systemd-networkd.service",
  "systemd-pstore.service",
  "systemd-resolved.service",
  "var-lib-ballast.mount",
] as const;

/** Links that maintainer scripts or alternatives would make. */
export const links: Readonly<Record<string, string>> = {
  bin: "usr/bin",
  sbin: "usr/sbin",
  lib: "usr/lib",
  lib64: "usr/lib64",
  opt: "var/opt",
  "etc/hostname": "../run/ballast/etc/hostname",
  "etc/hosts": "../run/ballast/etc/hosts",
  "etc/motd": "../run/ballast/etc/motd",
  "etc/mtab": "../proc/self/mounts",
  "etc/os-release": "../usr/lib/os-release",
  "etc/ssl/certs/ca-certificates.crt": "../../../run/ballast/etc/pki/ca-certificates.crt",
  "etc/resolv.conf": "../run/systemd/resolve/stub-resolv.conf",
  "etc/systemd/network": "../../run/ballast/etc/network",
  "etc/systemd/resolved.conf.d/20-settings.conf": "/run/ballast/etc/resolved.conf.d/settings.conf",
  "etc/systemd/resolved.conf.d/30-containers.conf":
    "/run/ballast/etc/resolver-of-containers/listener.conf",
  "usr/sbin/init": "../lib/systemd/systemd",
  "usr/sbin/iptables": "xtables-nft-multi",
  "usr/sbin/ip6tables": "xtables-nft-multi",
  [`${SYSTEM}/default.target`]: "multi-user.target",
  // An instance of a template, which no `[Install]` section can name.
  [`${SYSTEM}/multi-user.target.wants/update-agent@status.service`]: "../update-agent@.service",
  [`${SYSTEM}/boot-trial.timer.d/10-limit.conf`]: "/run/ballast/etc/boot-trial.conf",
};

/** Mount points and folders with their modes; everything else has 0755. */
export const directories: Readonly<Record<string, number>> = {
  dev: 0o755,
  proc: 0o555,
  sys: 0o555,
  run: 0o755,
  tmp: 0o755,
  var: 0o755,
  root: 0o700,
  mnt: 0o755,
  // Units with a private /var/tmp may start before DATA is mounted over /var.
  "var/tmp": 0o755,
  "usr/lib/modules": 0o755,
};
