import { asRecord } from "@ballast/api-client";
import { UsageError } from "@ballast/errors";

/**
 * `settings.network.` → settings, network; `network` means the same, as with the other commands. A trailing dot is
 * allowed, as with the peer's client.
 */
export function splitPrefix(prefix: string): { root: "os" | "settings"; path: string } {
  const path = prefix.replace(/\.$/, "");
  const [root, ...rest] = path.split(".");
  if (root === "os" || root === "settings") return { root, path: rest.join(".") };
  return { root: "settings", path };
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
