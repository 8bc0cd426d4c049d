/**
 * The guest that Ballast's boot is set against: a minimal Debian that does the same job, as Debian itself sets it up.
 * Whatever changes what is built changes this object and so its key in the store; versions are today's when it is built.
 */
export const RECIPE = {
  revision: 1,
  suite: "trixie",
  /** Besides the essential packages, without recommended ones. zstd is what Debian's initrd is compressed with. */
  packages: [
    "systemd-sysv",
    "udev",
    "dbus",
    "containerd",
    "linux-image-cloud-amd64",
    "initramfs-tools",
    "zstd",
  ],
  /** As quiet on the console as Ballast: output to a serial line is slow and would be measured otherwise. */
  commandLine:
    "root=LABEL=bench-root ro console=ttyS0,115200 loglevel=4 panic=10 systemd.show_status=error",
  rootLabel: "bench-root",
  rootMiB: 1536,
  espMiB: 128,
  files: {
    "etc/fstab": "LABEL=bench-root / ext4 defaults 0 1\n",
    "etc/hostname": "debian\n",
    // Says on the console when what happened on the guest's clock, and what that clock shows; runs after containerd.
    "etc/systemd/system/bench-report.service": `[Unit]
Description=Report of the boot for the benchmark
After=containerd.service systemd-logind.service

[Service]
Type=oneshot
ExecStart=/usr/bin/systemctl show --property=UserspaceTimestampMonotonic
ExecStart=/usr/bin/systemctl show --property=ActiveEnterTimestampMonotonic containerd.service
ExecStart=/usr/bin/cat /proc/uptime
StandardOutput=file:/dev/console

[Install]
WantedBy=multi-user.target
`,
  },
  links: {
    "etc/systemd/system/multi-user.target.wants/bench-report.service": "../bench-report.service",
    // No logins, as in Ballast.
    "etc/systemd/system/getty@tty1.service": "/dev/null",
    "etc/systemd/system/serial-getty@ttyS0.service": "/dev/null",
  },
} as const;
