/** Places in the guest. The ports for files and programs put `--root` before them. */
export const PATHS = {
  signpost: "/usr/bin/signpost",
  migrator: "/usr/bin/migrator",
  osRelease: "/usr/lib/os-release",
  /** Whose signatures count; a part of the verified image. */
  rootOfTrust: "/usr/share/ballast/updates/root.json",
  bootId: "/proc/sys/kernel/random/boot_id",
  loaderInfo: "/sys/firmware/efi/efivars/LoaderInfo-4a67b082-0a4c-41cf-b6c7-440b29bb8c4f",
  blockDevices: "/sys/class/block",
  /** Blocks that the kernel has checked. */
  verifiedRoot: "/dev/dm-0",
  /** The settings, and whom TLS trusts. */
  config: "/run/ballast/etc/update-agent.json",
  authorities: "/run/ballast/etc/pki/ca-certificates.crt",
  /** Gone with the boot. */
  lock: "/run/ballast/updates/lock",
  requests: "/run/ballast/updates/requests",
  status: "/run/ballast/updates/status.json",
  /** On STATE; truth about the slots is in the partition table, this only adds to it. */
  stateFolder: "/var/lib/ballast/updates",
  state: "/var/lib/ballast/updates/state.json",
  damagedState: "/var/lib/ballast/updates/state.damaged.json",
  metadata: "/var/lib/ballast/updates/tuf",
  reserve: "/var/lib/ballast/updates/reserve",
  /** On DATA: a repository in one file, which an operator uploaded. */
  bundle: "/var/lib/ballast-updates/bundle.tar",
  /** The unit's own, in memory; it ends with the unit. */
  work: "/tmp/update-agent",
  systemctl: "/usr/bin/systemctl",
  apiSocket: "/run/ballast/api.sock",
  /** What the units of the commands printed last, as `COMMAND.json`. */
  answers: "/run/ballast/updates/answers",
  /** Left by mark-successful-boot.service: the trial of the running slot is over. */
  slotMarked: "/run/ballast/slot-marked",
  scheduleMemory: "/run/ballast/updates/schedule.json",
  /** On STATE: how often the schedule has restarted the machine for a version. */
  scheduledReboots: "/var/lib/ballast/updates/scheduled-reboots.json",
} as const;
