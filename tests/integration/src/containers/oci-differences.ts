import type { Privileges, RuntimeSpec, SpecMount } from "@ballast/containerd/oci";

/** Where the test's own mount is. */
export const OWN_MOUNT = "/logs";

const SETS = ["default", "bootstrap", "superpowered"] as const;

/** What `ctr` gives and we do not, or the other way round: each makes of the spec of `ctr` what ours has there. */
interface Difference {
  readonly why: string;
  readonly of: readonly Privileges[];
  /** All but this image have none of it. */
  readonly image?: string;
  readonly apply: (theirs: RuntimeSpec, ours: RuntimeSpec) => RuntimeSpec;
}

const DIFFERENCES: readonly Difference[] = [
  {
    why: "a program that needs more than 1024 open files could not ask for them",
    of: SETS,
    apply: (spec) => ({
      ...spec,
      process: {
        ...spec.process,
        rlimits: [{ type: "RLIMIT_NOFILE", hard: 524_288, soft: 1024 }],
      },
    }),
  },
  {
    why: "an image that sets variables but no PATH has none with ctr; and HOSTNAME is a guess that can change",
    of: SETS,
    apply: (spec) => {
      const env = spec.process.env.filter((entry) => !entry.startsWith("HOSTNAME="));
      const path = env.filter((entry) => entry.startsWith("PATH="));
      const others = env.filter((entry) => !entry.startsWith("PATH="));
      const fallback = ["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"];
      const all = [...(path.length > 0 ? path : fallback), ...others];
      return { ...spec, process: { ...spec.process, env: all } };
    },
  },
  {
    why: "what the container mounts over these files is its own",
    of: SETS,
    apply: (spec) => ({
      ...spec,
      mounts: spec.mounts.map((mount) =>
        mount.destination.startsWith("/etc/")
          ? { ...mount, options: ["rbind", "rprivate", "ro"] }
          : mount,
      ),
    }),
  },
  {
    why: "control groups can be read in each host container",
    of: SETS,
    apply: (spec) => {
      const at = spec.mounts.findIndex(({ destination }) => destination === "/sys");
      const options = ["nosuid", "noexec", "nodev", "relatime", "ro"];
      const groups = { destination: "/sys/fs/cgroup", type: "cgroup", source: "cgroup", options };
      return { ...spec, mounts: spec.mounts.toSpliced(at + 1, 0, groups) };
    },
  },
  {
    why: "mounts of the caller come last, and so may replace any other",
    of: SETS,
    apply: (spec) => {
      const isOwn = ({ destination }: SpecMount): boolean => destination === OWN_MOUNT;
      const base = spec.mounts.filter((mount) => !isOwn(mount));
      return { ...spec, mounts: [...base, ...spec.mounts.filter(isOwn)] };
    },
  },
  {
    why: "with a group the account's other groups are ignored, says the image spec (config.md, User)",
    of: SETS,
    image: "lab.local/grouped:1",
    apply: (spec) => {
      const user = { ...spec.process.user, additionalGids: [50] };
      return { ...spec, process: { ...spec.process, user } };
    },
  },
  {
    why: "all capabilities of the kernel, in its order; ctr has those of its own process: compared in a test of its own",
    of: ["superpowered"],
    apply: (spec, ours) => {
      const { capabilities } = ours.process;
      return { ...spec, process: { ...spec.process, capabilities } };
    },
  },
  {
    why: "ctr gives control groups of its own only where they have version 2, as in the image",
    of: ["default"],
    apply: (spec) => withNamespaces(spec, (types) => [...new Set([...types, "cgroup"])]),
  },
  {
    why: "it sees the machine's processes and control groups, to work on them",
    of: ["bootstrap", "superpowered"],
    apply: (spec) =>
      withNamespaces(spec, (types) => types.filter((type) => !["pid", "cgroup"].includes(type))),
  },
  {
    why: "what the firmware tells of the machine is for host containers",
    of: ["default", "bootstrap"],
    apply: (spec) => {
      const maskedPaths = (spec.linux.maskedPaths ?? []).filter((path) => path !== "/sys/firmware");
      return { ...spec, linux: { ...spec.linux, maskedPaths } };
    },
  },
  {
    why: "disks that it prepares may be for swap",
    of: ["bootstrap"],
    apply: (spec) => {
      const { seccomp } = spec.linux;
      const swap = { names: ["swapon", "swapoff"], action: "SCMP_ACT_ALLOW" } as const;
      if (seccomp === undefined) return spec;
      const more = { ...seccomp, syscalls: [...seccomp.syscalls, swap] };
      return { ...spec, linux: { ...spec.linux, seccomp: more } };
    },
  },
  {
    why: "the machine's devices also when they are plugged in later: its own /dev instead of copies in a new one",
    of: ["bootstrap", "superpowered"],
    apply: (spec) => {
      const { devices: _, ...linux } = spec.linux as typeof spec.linux & { devices?: unknown };
      const options = ["bind", "rprivate", "nosuid", "rw"];
      const dev = { destination: "/dev", type: "bind", source: "/dev", options };
      return {
        ...spec,
        mounts: spec.mounts.map((mount) => (mount.destination === "/dev" ? dev : mount)),
        linux: { ...linux, resources: { devices: [{ allow: true, access: "rwm" }] } },
      };
    },
  },
];

function withNamespaces(
  spec: RuntimeSpec,
  change: (types: readonly string[]) => readonly string[],
): RuntimeSpec {
  const types = change(spec.linux.namespaces.map(({ type }) => type));
  return { ...spec, linux: { ...spec.linux, namespaces: types.map((type) => ({ type })) } };
}

/** The spec of `ctr` with all that is meant to be different as ours has it. */
export function applyDifferences(
  theirs: RuntimeSpec,
  ours: RuntimeSpec,
  { privileges, reference }: { readonly privileges: Privileges; readonly reference: string },
): RuntimeSpec {
  // What Go leaves out is false.
  const process = { ...theirs.process, noNewPrivileges: theirs.process.noNewPrivileges ?? false };
  return DIFFERENCES.filter(
    ({ of, image }) => of.includes(privileges) && (image ?? reference) === reference,
  ).reduce((spec, { apply }) => apply(spec, ours), { ...theirs, process });
}
