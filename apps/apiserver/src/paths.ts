/** Places in the guest. The file and program ports put `--root` before them. */
export const PATHS = {
  systemctl: "/usr/bin/systemctl",
  journalctl: "/usr/bin/journalctl",
  udevadm: "/usr/bin/udevadm",
  renderedFiles: "/run/ballast/etc",
  bootReport: "/run/ballast/boot.json",
  console: "/dev/console",
  databases: "/var/lib/ballast/settings",
  osRelease: "/usr/lib/os-release",
  bootId: "/proc/sys/kernel/random/boot_id",
  commandLine: "/proc/cmdline",
  rootSlaves: "/sys/block/dm-0/slaves",
  vendor: "/sys/class/dmi/id/sys_vendor",
  stateUserData: "/var/lib/ballast/user-data.toml",
  firmwareUserData: "/sys/firmware/qemu_fw_cfg/by_name/opt/ballast/user-data/raw",
  labels: "/dev/disk/by-label",
  volumes: "/run/ballast/volume",
} as const;
