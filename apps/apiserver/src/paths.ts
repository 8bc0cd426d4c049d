/** Places in the guest. The file and program ports put `--root` before them. */
export const PATHS = {
  systemctl: "/usr/bin/systemctl",
  journalctl: "/usr/bin/journalctl",
  networkctl: "/usr/bin/networkctl",
  resolvectl: "/usr/bin/resolvectl",
  containerd: "/usr/bin/containerd",
  udevadm: "/usr/bin/udevadm",
  renderedFiles: "/run/ballast/etc",
  authorities: "/run/ballast/etc/pki/ca-certificates.crt",
  bootReport: "/run/ballast/boot.json",
  unfinished: "/run/ballast/unfinished",
  /** Left by host-containers: of workloads, of host containers, and of those that run when the machine starts. */
  containersState: "/run/ballast/containers/state.json",
  hostState: "/run/ballast/containers/host.json",
  bootstrapState: "/run/ballast/containers/bootstrap.json",
  /** What workloads print, a folder for each: containerd writes there. */
  containerLogs: "/var/log/containers",
  containersExec: "/run/ballast/containers/exec.sock",
  cgroups: "/sys/fs/cgroup",
  /** Who asks that the machine does not restart by itself. */
  inhibitors: "/run/ballast/updates/inhibitors",
  hostSockets: "/run/ballast/host-containers",
  console: "/dev/console",
  /** Where STATE is mounted, or memory in its place; the latter leaves its reason in a file. */
  state: "/var/lib/ballast",
  stateVolatile: "/run/ballast/state-volatile",
  /** Those of this process: its sandbox makes some of its own. */
  ownMounts: "/proc/self/mounts",
  databases: "/var/lib/ballast/settings",
  /** Left by migrator, if it had something to do. */
  migrationReport: "/run/ballast/migrator/report.json",
  shadowReport: "/run/ballast/migrator/shadow.json",
  /** There once another version has run, which then is in the other slot. */
  lastRun: "/var/lib/ballast/settings/last-run.json",
  osRelease: "/usr/lib/os-release",
  bootId: "/proc/sys/kernel/random/boot_id",
  kernelParameters: "/proc/sys",
  lockdown: "/sys/kernel/security/lockdown",
  commandLine: "/proc/cmdline",
  rootSlaves: "/sys/block/dm-0/slaves",
  virtualDevices: "/sys/devices/virtual/net",
  vendor: "/sys/class/dmi/id/sys_vendor",
  stateUserData: "/var/lib/ballast/user-data.toml",
  firmwareUserData: "/sys/firmware/qemu_fw_cfg/by_name/opt/ballast/user-data/raw",
  labels: "/dev/disk/by-label",
  volumes: "/run/ballast/volume",
  essentialUnits: "/usr/lib/ballast/essential-units",
  mounts: "/proc/1/mountinfo",
  rootDevice: "/sys/block/dm-0/dev",
  securityModules: "/sys/kernel/security/lsm",
  /** Left by firewall-state@PROGRAM.service, as `firewall-PROGRAM.rules`. */
  firewallRules: "/run/ballast/firewall",
  journal: "/var/log/journal",
  containerdSocket: "/run/containerd/containerd.sock",
  signpostAnswers: "/run/ballast/signpost",
  /** What is asked of the update agent, its answers, and how updates stand. */
  updateRequests: "/run/ballast/updates/requests",
  updateAnswers: "/run/ballast/updates/answers",
  updatesStatus: "/run/ballast/updates/status.json",
  /** On DATA: a bundle that was uploaded. */
  updateBundle: "/var/lib/ballast-updates/bundle.tar",
  trialRecord: "/var/lib/ballast/trial.json",
  kernelLogs: "/var/lib/systemd/pstore",
  /** Left by mark-successful-boot.service. */
  slotMarked: "/run/ballast/slot-marked",
  trialVariable: "/sys/firmware/efi/efivars/BallastTrial-9827a087-6bb9-4c6f-81e2-7dd9ee596f0b",
  skippedVariable: "/sys/firmware/efi/efivars/BallastSkipped-9827a087-6bb9-4c6f-81e2-7dd9ee596f0b",
  loaderVariable:
    "/sys/firmware/efi/efivars/LoaderDevicePartUUID-4a67b082-0a4c-41cf-b6c7-440b29bb8c4f",
  efiVariables: "/sys/firmware/efi/efivars",
  parametersVariable:
    "/sys/firmware/efi/efivars/BallastParameters-9827a087-6bb9-4c6f-81e2-7dd9ee596f0b",
  parametersStateVariable:
    "/sys/firmware/efi/efivars/BallastParametersState-9827a087-6bb9-4c6f-81e2-7dd9ee596f0b",
  parametersOutcomeVariable:
    "/sys/firmware/efi/efivars/BallastParametersOutcome-9827a087-6bb9-4c6f-81e2-7dd9ee596f0b",
  parametersTrialVariable:
    "/sys/firmware/efi/efivars/BallastParametersTrial-9827a087-6bb9-4c6f-81e2-7dd9ee596f0b",
  /** What the variable held when this boot began. */
  parametersAtStart: "/run/ballast/parameters-at-start",
  /** The parameters for which the machine has restarted by itself. */
  reconcileRecord: "/var/lib/ballast/reconciled-parameters",
} as const;
