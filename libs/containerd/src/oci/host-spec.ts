import { capabilitiesOf, type Privileges } from "./capabilities.ts";
import { baseMounts, deviceRules } from "./host-mounts.ts";
import type { ImageConfig } from "./image-config.ts";
import { OciError } from "./oci-error.ts";
import { seccompProfile } from "./seccomp.ts";
import type { ProcessUser, RuntimeSpec, SpecMount } from "./spec.ts";

export interface HostSpecOptions {
  readonly privileges: Privileges;
  readonly image: ImageConfig;
  /** Instead of the image's entrypoint and command. */
  readonly command?: readonly string[] | undefined;
  /** Wins over the image's. */
  readonly env?: Readonly<Record<string, string>>;
  readonly user: ProcessUser;
  /** Come last, in this order. */
  readonly mounts: readonly SpecMount[];
  readonly cgroupsPath: string;
  /** The highest that the kernel knows: `readLastCapability()`. */
  readonly lastCapability: number;
}

const PATH = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
/** As systemd gives services: programs that need more than the first may ask for it. */
const OPEN_FILES = { type: "RLIMIT_NOFILE", hard: 524_288, soft: 1024 } as const;
/** Not among what the capabilities open, and what a disk that is prepared at the start may need. */
const SWAP_CALLS = ["swapon", "swapoff"] as const;

/**
 * The runtime spec of a host or bootstrap container, in the machine's network. Pure.
 *
 * - `default`: the capabilities and calls of engines, devices and processes of its own, no new privileges.
 * - `bootstrap`: in addition SYS_ADMIN, NET_ADMIN, SYS_MODULE, AUDIT_CONTROL, swap, all devices, the machine's processes,
 *   mounts that reach the machine.
 * - `superpowered`: all that there is; nothing masked, no seccomp.
 *
 * Throws `containerd.no-command` if neither the image nor the options say what to run.
 */
export function hostSpec(options: HostSpecOptions): RuntimeSpec {
  const { privileges, image, user, cgroupsPath } = options;
  const isSuperpowered = privileges === "superpowered";
  const capabilities = capabilitiesOf(privileges, options.lastCapability);
  const bootstrapCalls = privileges === "bootstrap" ? SWAP_CALLS : [];
  return {
    ociVersion: "1.2.0",
    process: {
      user,
      args: argsOf(options),
      env: mergeEnv(image.env, options.env ?? {}),
      cwd: image.workingDir === "" ? "/" : image.workingDir,
      capabilities: { bounding: capabilities, effective: capabilities, permitted: capabilities },
      rlimits: [OPEN_FILES],
      // With every capability it would protect nothing, and keep a person who logs in from becoming root.
      noNewPrivileges: !isSuperpowered,
    },
    root: { path: "rootfs" },
    mounts: [...baseMounts(privileges), ...options.mounts],
    linux: {
      resources: { devices: deviceRules(privileges) },
      cgroupsPath,
      namespaces: namespacesOf(privileges),
      ...(privileges === "default" ? {} : { rootfsPropagation: "rshared" }),
      ...(isSuperpowered
        ? {}
        : {
            seccomp: seccompProfile(capabilities, bootstrapCalls),
            maskedPaths: MASKED,
            readonlyPaths: READ_ONLY,
          }),
    },
  };
}

function argsOf({ image, command }: HostSpecOptions): readonly string[] {
  const args = command ?? [...image.entrypoint, ...image.cmd];
  if (args.length === 0)
    throw new OciError(
      "containerd.no-command",
      "Cannot make container: its image does not say what to run",
      { hint: "Set a command." },
    );
  return args;
}

/** Each name once, at its first place, with its last value. */
function mergeEnv(image: readonly string[], more: Readonly<Record<string, string>>): string[] {
  const added = Object.entries(more).map(([name, value]) => `${name}=${value}`);
  const named = [PATH, ...image, ...added].map((entry) => [entry.split("=", 1)[0], entry] as const);
  return [...new Map(named).values()];
}

function namespacesOf(privileges: Privileges): { readonly type: string }[] {
  const own = ["ipc", "uts", "mount"];
  const types = privileges === "default" ? ["pid", ...own, "cgroup"] : own;
  return types.map((type) => ({ type }));
}

/** `/sys/firmware` is not among them: what it tells of the machine is for programs of the machine. */
const MASKED = [
  ...["/proc/acpi", "/proc/asound", "/proc/kcore", "/proc/keys", "/proc/latency_stats"],
  ...["/proc/timer_list", "/proc/timer_stats", "/proc/sched_debug"],
  ...["/sys/devices/virtual/powercap", "/proc/scsi"],
] as const;

const READ_ONLY = ["bus", "fs", "irq", "sys", "sysrq-trigger"].map((name) => `/proc/${name}`);
