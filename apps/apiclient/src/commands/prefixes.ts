import { asRecord } from "@ballast/api-client";
import { UsageError } from "@ballast/errors";

/** `settings.network.` → settings, network. A trailing dot is allowed, as with the peer's client. */
export function splitPrefix(prefix: string): { root: "os" | "settings"; path: string } {
  const [root, ...rest] = prefix.replace(/\.$/, "").split(".");
  if (root === "os" || root === "settings") return { root, path: rest.join(".") };
  throw new UsageError(
    `Cannot get "${prefix}": a prefix begins with os or settings`,
    `Did you mean settings.${prefix}?`,
  );
}

/** The facts whose name is the path or begins with it; all for the empty path. */
export function choose(facts: unknown, path: string, prefix: string): Record<string, unknown> {
  const chosen = Object.entries(asRecord(facts) ?? {}).filter(([name]) => name.startsWith(path));
  if (chosen.length === 0) throw new UsageError(`Cannot get "${prefix}": there is no such fact`);
  return Object.fromEntries(chosen);
}

/** Both documents as one; where both hold a value that is no object, the later wins. */
export function merge(earlier: unknown, later: unknown): unknown {
  const [left, right] = [asRecord(earlier), asRecord(later)];
  if (left === undefined || right === undefined) return later;
  const merged = new Map(Object.entries(left));
  for (const [key, value] of Object.entries(right))
    merged.set(key, merged.has(key) ? merge(merged.get(key), value) : value);
  return Object.fromEntries(merged);
}
