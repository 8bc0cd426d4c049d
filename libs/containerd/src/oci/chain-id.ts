import { createHash } from "node:crypto";

/** What the layers are together (OCI image spec 1.1, config.md, "Layer ChainID"), from the digest of each, lowest first. */
export function chainIdOf(diffIds: readonly string[]): string {
  const [first = "", ...others] = diffIds;
  return others.reduce(
    (chain, diffId) => `sha256:${createHash("sha256").update(`${chain} ${diffId}`).digest("hex")}`,
    first,
  );
}
