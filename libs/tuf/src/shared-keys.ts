import { TufError } from "./errors.ts";

/** A key that stands under two identifiers would count twice towards a threshold, which is a number of keys (TUF 4.3). */
export function refuseSharedKeys(bytes: Buffer): void {
  const metadata: unknown = JSON.parse(bytes.toString("utf8"));
  const signed = fieldOf(metadata, "signed");
  const keys = fieldOf(signed, "keys") ?? fieldOf(fieldOf(signed, "delegations"), "keys");
  if (typeof keys !== "object" || keys === null) return;
  const seen = new Set<string>();
  for (const key of Object.values(keys)) {
    const value = JSON.stringify(fieldOf(fieldOf(key, "keyval"), "public"));
    if (seen.has(value))
      throw new TufError("tuf.threshold", "a key stands there under more than one identifier");
    seen.add(value);
  }
}

function fieldOf(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null ? Reflect.get(value, name) : undefined;
}
