import { Metadata, MetadataKind } from "@tufjs/models";
import { TufError } from "../errors.ts";
import { refuseSharedKeys } from "../shared-keys.ts";

/** What a root of trust says of itself. */
export interface VerifiedRoot {
  readonly version: number;
  readonly expires: Temporal.Instant;
}

/**
 * Checks that a root is signed by its own keys, as many as its threshold asks for: machines can begin with it. That it is expired
 * does not matter, as long as the chain of newer roots goes on from it (TUF client workflow 5.3.10). Throws TufError.
 */
export function verifyRoot(text: string): VerifiedRoot {
  const act = "Cannot take this as a root of trust";
  let root;
  try {
    const json: unknown = JSON.parse(text);
    if (typeof json !== "object" || json === null) throw new TypeError("it is no object");
    root = Metadata.fromJSON(MetadataKind.Root, { ...json });
  } catch (cause) {
    throw new TufError("tuf.bad-metadata", `${act}: it is no root metadata of TUF`, { cause });
  }
  refuseSharedKeys(Buffer.from(text));
  try {
    root.verifyDelegate("root", root);
  } catch (cause) {
    const why = "it is not signed by as many of its own keys as its threshold asks for";
    throw new TufError("tuf.threshold", `${act}: ${why}`, { cause });
  }
  const { version, expires } = root.signed;
  return { version, expires: Temporal.Instant.from(expires) };
}
