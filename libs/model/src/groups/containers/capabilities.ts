import * as z from "zod";

/**
 * Rights over what is the container's own: its files, its processes, its ports. Images that begin as root and then change
 * to another user need some of them.
 */
const HARMLESS = [
  "CHOWN",
  "DAC_OVERRIDE",
  "FOWNER",
  "FSETID",
  "KILL",
  "NET_BIND_SERVICE",
  "SETGID",
  "SETPCAP",
  "SETUID",
] as const;

/** The rest of capabilities(7) of the image's kernel: over the machine, over packets as they are, or over what is logged. */
const MORE = [
  "AUDIT_CONTROL",
  "AUDIT_READ",
  "AUDIT_WRITE",
  "BLOCK_SUSPEND",
  "BPF",
  "CHECKPOINT_RESTORE",
  "DAC_READ_SEARCH",
  "IPC_LOCK",
  "IPC_OWNER",
  "LEASE",
  "LINUX_IMMUTABLE",
  "MAC_ADMIN",
  "MAC_OVERRIDE",
  "MKNOD",
  "NET_ADMIN",
  "NET_BROADCAST",
  "NET_RAW",
  "PERFMON",
  "SETFCAP",
  "SYSLOG",
  "SYS_ADMIN",
  "SYS_BOOT",
  "SYS_CHROOT",
  "SYS_MODULE",
  "SYS_NICE",
  "SYS_PACCT",
  "SYS_PTRACE",
  "SYS_RAWIO",
  "SYS_RESOURCE",
  "SYS_TIME",
  "SYS_TTY_CONFIG",
  "WAKE_ALARM",
] as const;

const MORE_NAMES: ReadonlySet<unknown> = new Set(MORE);
const UNKNOWN = "must be a capability without CAP_, for example CHOWN";

/** What an operator may give. */
export const Capabilities = listOf(
  z.enum(HARMLESS, {
    error: ({ input }) =>
      MORE_NAMES.has(input)
        ? "must be in extra-capabilities, which are for admins: it reaches beyond the container"
        : UNKNOWN,
  }),
);

/** What only an admin may give. */
export const ExtraCapabilities = listOf(z.enum([...HARMLESS, ...MORE], { error: UNKNOWN }));

function listOf<Entry extends z.ZodType<string>>(entry: Entry) {
  return z.array(entry).refine((names) => new Set(names).size === names.length, {
    error: "must not name a capability twice",
  });
}
