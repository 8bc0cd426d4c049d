import { readFile } from "node:fs/promises";

export type Privileges = "default" | "superpowered" | "bootstrap";

/** By number, `capability.h` of Linux. */
const NAMES = [
  ...["CHOWN", "DAC_OVERRIDE", "DAC_READ_SEARCH", "FOWNER", "FSETID", "KILL", "SETGID", "SETUID"],
  ...["SETPCAP", "LINUX_IMMUTABLE", "NET_BIND_SERVICE", "NET_BROADCAST", "NET_ADMIN", "NET_RAW"],
  ...["IPC_LOCK", "IPC_OWNER", "SYS_MODULE", "SYS_RAWIO", "SYS_CHROOT", "SYS_PTRACE", "SYS_PACCT"],
  ...["SYS_ADMIN", "SYS_BOOT", "SYS_NICE", "SYS_RESOURCE", "SYS_TIME", "SYS_TTY_CONFIG", "MKNOD"],
  ...["LEASE", "AUDIT_WRITE", "AUDIT_CONTROL", "SETFCAP", "MAC_OVERRIDE", "MAC_ADMIN", "SYSLOG"],
  ...["WAKE_ALARM", "BLOCK_SUSPEND", "AUDIT_READ", "PERFMON", "BPF", "CHECKPOINT_RESTORE"],
].map((name) => `CAP_${name}`);

/** What engines give a container that asks for nothing. */
const DEFAULT = [
  ...["CHOWN", "DAC_OVERRIDE", "FSETID", "FOWNER", "MKNOD", "NET_RAW", "SETGID", "SETUID"],
  ...["SETFCAP", "SETPCAP", "NET_BIND_SERVICE", "SYS_CHROOT", "KILL", "AUDIT_WRITE"],
].map((name) => `CAP_${name}`);

const BOOTSTRAP = [
  ...DEFAULT,
  ...["CAP_SYS_ADMIN", "CAP_NET_ADMIN", "CAP_SYS_MODULE", "CAP_AUDIT_CONTROL"],
];

/** `lastCapability` is the highest that the kernel knows; one that has no name here yet cannot be given. */
export function capabilitiesOf(privileges: Privileges, lastCapability: number): readonly string[] {
  const known = NAMES.slice(0, lastCapability + 1);
  return { default: DEFAULT, bootstrap: BOOTSTRAP, superpowered: known }[privileges];
}

/** The number of the highest capability that this kernel knows. */
export async function readLastCapability(path = "/proc/sys/kernel/cap_last_cap"): Promise<number> {
  return Number(await readFile(path, "utf8"));
}
