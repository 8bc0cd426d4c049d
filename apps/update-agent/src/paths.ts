/** Places in the guest. The ports for files and programs put `--root` before them. */
export const PATHS = {
  signpost: "/usr/bin/signpost",
  osRelease: "/usr/lib/os-release",
  bootId: "/proc/sys/kernel/random/boot_id",
  /** Gone with the boot. */
  status: "/run/ballast/updates/status.json",
  /** On STATE; truth about the slots is in the partition table, this only adds to it. */
  state: "/var/lib/ballast/updates/state.json",
} as const;
