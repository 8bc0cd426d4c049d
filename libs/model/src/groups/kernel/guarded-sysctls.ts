import { sysctlPath } from "./sysctl-key.ts";

/**
 * What `kernel.sysctl` may not do. A setting may never make the kernel defend itself less than the image does: those
 * parameters can be set to values that are as strong or stronger. How the machine takes part in networks, and how it shares
 * memory and time, is for its owner to decide, so nothing of `net` (but what guards the kernel), `vm` or `user` is here
 * for its policy.
 */
type Guard =
  | { readonly path: RegExp; readonly never: string }
  | { readonly path: RegExp; readonly atLeast: number }
  | { readonly path: RegExp; readonly only: number };

const PROGRAMS = "must not be set: the kernel of Ballast starts no programs";
const ACT = "must not be set: writing it is an act, not a setting";

const GUARDS: readonly Guard[] = [
  { path: /^kernel\/(?:hostname|domainname)$/, never: "must be set by network.hostname" },
  { path: /^kernel\/(?:modprobe|hotplug|poweroff_cmd|core_pattern)$/, never: PROGRAMS },
  { path: /^kernel\/usermodehelper\//, never: PROGRAMS },
  { path: /^fs\/binfmt_misc\//, never: PROGRAMS },
  { path: /^vm\/(?:drop_caches|compact_memory|stat_refresh)$/, never: ACT },
  { path: /^net\/ipv[46]\/route\/flush$/, never: ACT },
  // Addresses and texts of the kernel, and other processes, are hidden from those without privileges.
  { path: /^kernel\/kptr_restrict$/, atLeast: 2 },
  { path: /^kernel\/dmesg_restrict$/, atLeast: 1 },
  { path: /^kernel\/yama\/ptrace_scope$/, atLeast: 1 },
  { path: /^kernel\/perf_event_paranoid$/, atLeast: 2 },
  { path: /^kernel\/randomize_va_space$/, atLeast: 2 },
  { path: /^vm\/mmap_min_addr$/, atLeast: 65_536 },
  { path: /^vm\/mmap_rnd_bits$/, atLeast: 32 },
  { path: /^vm\/(?:legacy_va_layout|unprivileged_userfaultfd)$/, only: 0 },
  { path: /^dev\/tty\/(?:ldisc_autoload|legacy_tiocsti)$/, only: 0 },
  // Code that comes from user space.
  { path: /^kernel\/unprivileged_bpf_disabled$/, atLeast: 1 },
  { path: /^net\/core\/bpf_jit_harden$/, atLeast: 2 },
  { path: /^kernel\/kexec_load_disabled$/, atLeast: 1 },
  { path: /^kernel\/sysrq$/, only: 0 },
  // A machine that panics comes back by itself; the other slot gets its turn by that.
  { path: /^kernel\/panic$/, atLeast: 1 },
  { path: /^kernel\/panic_on_oops$/, atLeast: 1 },
  { path: /^fs\/protected_(?:fifos|regular)$/, atLeast: 2 },
  { path: /^fs\/protected_(?:hardlinks|symlinks)$/, atLeast: 1 },
  { path: /^fs\/suid_dumpable$/, only: 0 },
];

/** Why this value may not be set; undefined if it may. The reason goes on from the key. */
export function guardOf(key: string, value: string): string | undefined {
  const path = sysctlPath(key);
  const guard = GUARDS.find((candidate) => candidate.path.test(path));
  if (guard === undefined) return undefined;
  if ("never" in guard) return guard.never;
  // The kernel would also read 0x2 and 02; one form is enough to judge.
  const number = /^(?:0|[1-9]\d{0,9})$/.test(value) ? Number(value) : undefined;
  if ("only" in guard) return number === guard.only ? undefined : `must be ${guard.only} ${WHY}`;
  if (number !== undefined && number >= guard.atLeast) return undefined;
  return `must be at least ${guard.atLeast} ${WHY}`;
}

const WHY = "so that the kernel is guarded no less than by the image";
