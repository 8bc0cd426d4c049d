import { createClient } from "../client.ts";
import type { Channel } from "../grpc/channel.ts";
import { Content, Images } from "../services.ts";
import { chainIdOf } from "./chain-id.ts";
import { parseConfig, type ImageConfig } from "./image-config.ts";
import { isRecord, listOf, recordOf, textOf } from "./json-members.ts";
import { OciError } from "./oci-error.ts";
import { readDocument } from "./read-content.ts";

export interface ReadImage {
  readonly config: ImageConfig;
  /** The snapshot of all its layers: the parent of a container's. Empty if it has no layers. */
  readonly chainId: string;
  /** Of what the name points to: an index or a manifest. */
  readonly digest: string;
}

const PLATFORM = { os: "linux", architecture: "amd64" } as const;
/** An index within an index within an index. */
const MAX_DEPTH = 3;

/**
 * What an image of containerd is, of those that it has for linux/amd64. Throws `containerd.not-found` if there is no image
 * of this name and `containerd.bad-image` if it cannot be read.
 */
export async function readImage(
  channel: Channel,
  namespace: string,
  name: string,
): Promise<ReadImage> {
  const act = `read image "${name}"`;
  const bad = (reason: string): OciError =>
    new OciError("containerd.bad-image", `Cannot ${act}: ${reason}`);
  const { image } = await createClient(Images, channel, { namespace }).get({ name }, { act });
  const content = createClient(Content, channel, { namespace });
  const target = image?.target?.digest ?? "";
  let digest = target;
  for (let depth = 0; depth < MAX_DEPTH; depth++) {
    const document = recordOf(await readDocument(content, digest, name));
    if (Array.isArray(document["manifests"])) {
      const chosen = manifestFor(document["manifests"]);
      if (chosen === undefined) throw bad("it has nothing for linux/amd64");
      digest = chosen;
      continue;
    }
    const config = recordOf(
      await readDocument(content, textOf(recordOf(document["config"])["digest"]), name),
    );
    if (config["os"] !== PLATFORM.os || config["architecture"] !== PLATFORM.architecture)
      throw bad("it is not for linux/amd64");
    const diffIds = listOf(recordOf(config["rootfs"])["diff_ids"]);
    return { config: parseConfig(config["config"]), chainId: chainIdOf(diffIds), digest: target };
  }
  throw bad(`its index is ${MAX_DEPTH} levels deep`);
}

/** The manifest for the oldest processors of the kind, which run on all; else any. Attestations have another platform. */
function manifestFor(manifests: readonly unknown[]): string | undefined {
  const fitting = manifests.filter(isRecord).filter((manifest) => {
    const { os, architecture } = { ...recordOf(manifest["platform"]) };
    return os === PLATFORM.os && architecture === PLATFORM.architecture;
  });
  const variantOf = (manifest: Record<string, unknown>): string =>
    textOf(recordOf(manifest["platform"])["variant"]);
  const plain = fitting.find((manifest) => ["", "v1"].includes(variantOf(manifest)));
  const [chosen] = plain === undefined ? fitting : [plain];
  return chosen === undefined ? undefined : textOf(chosen["digest"]);
}
