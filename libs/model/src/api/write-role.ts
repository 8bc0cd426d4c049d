import { isBelow, joinKey, splitKey, type FlatSettings } from "../keys.ts";
import type { Role } from "./role.ts";

export interface WriteRule {
  /** A key or a prefix of keys, segment by segment; `*` stands for any one name. */
  readonly at: string;
  readonly role: Role;
  /** Members that make what lies here a matter of the admin as a whole while one of them is set (and not false). */
  readonly unless?: readonly string[];
}

/**
 * Who may write which settings: the longest rule that a key lies at or below counts, and what no rule names is for the
 * admin, so that a new setting is closed until somebody has thought about it. What an operator may write must give no
 * more power than the operator's actions: no credentials, no trust, no code with the rights of the host, no way on or
 * off the network.
 */
export const WRITE_RULES: readonly WriteRule[] = [
  { at: "motd", role: "operator" },
  { at: "updates.version-lock", role: "operator" },
  { at: "updates.ignore-waves", role: "operator" },
  { at: "updates.automatic", role: "operator" },
  { at: "updates.window", role: "operator" },
  { at: "updates.jitter-minutes", role: "operator" },
  { at: "updates.max-bytes-per-second", role: "operator" },
  { at: "updates.reboot-inhibit-limit-minutes", role: "operator" },
  // With another image or other arguments a privileged container would be the operator's way to more.
  {
    at: "containers.*",
    role: "operator",
    unless: ["privileged", "host-paths", "secret-env", "extra-capabilities", "allow-link-local"],
  },
  { at: "containers.*.privileged", role: "admin" },
  { at: "containers.*.host-paths", role: "admin" },
  { at: "containers.*.secret-env", role: "admin" },
  { at: "containers.*.extra-capabilities", role: "admin" },
  { at: "containers.*.allow-link-local", role: "admin" },
];

/**
 * The role that a client needs to set or unset this key (dotted, without the leading `settings.`), or to write all that
 * lies below it, while these settings hold.
 */
export function roleToWrite(key: string, effective: FlatSettings, rules = WRITE_RULES): Role {
  const segments = splitKey(key) ?? [];
  const [rule] = rules
    .map((one) => ({ ...one, names: one.at.split(".") }))
    .filter(({ names }) => isAtOrBelow(segments, names))
    .toSorted((left, right) => right.names.length - left.names.length);
  if (rule === undefined) return "admin";
  const entry = segments.slice(0, rule.names.length);
  const guarded = (rule.unless ?? []).map((member) => joinKey([...entry, member]));
  const isGuarded = guarded.some((prefix) =>
    [...effective].some(([one, value]) => isBelow(one, prefix) && value !== false),
  );
  return isGuarded ? "admin" : rule.role;
}

function isAtOrBelow(segments: readonly string[], names: readonly string[]): boolean {
  return (
    names.length <= segments.length &&
    names.every((name, index) => name === "*" || name === segments[index])
  );
}
