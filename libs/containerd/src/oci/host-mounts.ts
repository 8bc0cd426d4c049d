import type { Privileges } from "./capabilities.ts";
import type { DeviceRule, SpecMount } from "./spec.ts";

const NO_PROGRAMS = ["nosuid", "noexec", "nodev"] as const;
const SMALL = ["mode=755", "size=65536k"] as const;

/** What every container gets beside its image's root, in the order in which runc mounts it. */
export function baseMounts(privileges: Privileges): SpecMount[] {
  const sysMode = privileges === "superpowered" ? "rw" : "ro";
  return [
    mount("/proc", "proc", "proc", NO_PROGRAMS),
    privileges === "default"
      ? mount("/dev", "tmpfs", "tmpfs", ["nosuid", "strictatime", ...SMALL])
      : // The machine's own, with what is plugged in later. Only this mount, not those below it, and private: what is
        // mounted there next stays in the container.
        bind("/dev", ["bind", "rprivate", "nosuid", "rw"]),
    mount("/dev/pts", "devpts", "devpts", [
      ...["nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620", "gid=5"],
    ]),
    mount("/dev/shm", "tmpfs", "shm", [...NO_PROGRAMS, "mode=1777", "size=65536k"]),
    mount("/dev/mqueue", "mqueue", "mqueue", NO_PROGRAMS),
    mount("/sys", "sysfs", "sysfs", [...NO_PROGRAMS, sysMode]),
    mount("/sys/fs/cgroup", "cgroup", "cgroup", [...NO_PROGRAMS, "relatime", "ro"]),
    mount("/run", "tmpfs", "tmpfs", ["nosuid", "strictatime", ...SMALL]),
    // Its network is the machine's, so are the names in it.
    bind("/etc/hosts", ["rbind", "rprivate", "ro"]),
    bind("/etc/resolv.conf", ["rbind", "rprivate", "ro"]),
  ];
}

function mount(
  destination: string,
  type: string,
  source: string,
  options: readonly string[],
): SpecMount {
  return { destination, type, source, options };
}

function bind(path: string, options: readonly string[]): SpecMount {
  return mount(path, "bind", path, options);
}

/** null, random, full, tty, zero, urandom, console, the terminals of the container, ptmx. */
const DEFAULT_DEVICES = [
  ...[[1, 3], [1, 8], [1, 7], [5, 0], [1, 5], [1, 9], [5, 1], [136], [5, 2]],
] as const;

export function deviceRules(privileges: Privileges): DeviceRule[] {
  const access = "rwm";
  if (privileges !== "default") return [{ allow: true, access }];
  return [
    { allow: false, access },
    ...DEFAULT_DEVICES.map(([major, minor]) => ({
      ...({ allow: true, type: "c", major, access } as const),
      ...(minor === undefined ? {} : { minor }),
    })),
  ];
}
