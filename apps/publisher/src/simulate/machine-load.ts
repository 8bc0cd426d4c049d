import {
  MANIFEST_TARGET,
  parseChunkIndex,
  planDelta,
  type ChunkIndex,
  type Release,
  type ReleaseImage,
} from "@ballast/updates";
import { stat } from "node:fs/promises";
import { join } from "node:path";
import { readTarget } from "../release/read-target.ts";
import { metadataFolder, type Repository } from "../repository/repository.ts";

/** What one machine asks of the server; bytes are of bodies. */
export interface MachineLoad {
  /** Each time that it looks: the next root, which is not there, and the timestamp. */
  readonly checkBytes: number;
  readonly checkRequests: number;
  /** Once, when it looks first after the release: snapshot, targets, manifest. */
  readonly newsBytes: number;
  readonly newsRequests: number;
  /** When its turn has come: indexes and frames. */
  readonly updateBytes: number;
  readonly updateRequests: number;
}

const CHECK_REQUESTS = 2;
const NEWS_REQUESTS = 3;
/** Of the metadata of a repository with some releases, where none is at hand. */
const TYPICAL = { timestamp: 500, news: 8000 } as const;
/** Three images, each with its index. */
const TYPICAL_REQUESTS = 6;
/** What a machine holds that has nothing of the release. */
const NOTHING: ChunkIndex = { schema: 1, chunks: [] };

/** Of a machine that fetches so many bytes, whatever they are. */
export function plainLoad(updateBytes: number): MachineLoad {
  return {
    ...{ checkBytes: TYPICAL.timestamp, checkRequests: CHECK_REQUESTS },
    ...{ newsBytes: TYPICAL.news, newsRequests: NEWS_REQUESTS },
    ...{ updateBytes, updateRequests: TYPICAL_REQUESTS },
  };
}

/** Of a machine that takes this release, from another one or from nothing, as the repository has them. */
export async function releaseLoad(
  repository: Repository,
  release: Release,
  from: Release | undefined,
): Promise<MachineLoad> {
  let updateBytes = 0;
  let updateRequests = 0;
  for (const name of ["boot", "root", "hash"] as const) {
    const wanted = await readIndex(repository, release.images[name]);
    const held = from === undefined ? undefined : await readIndex(repository, from.images[name]);
    const { ranges, fetchBytes } = planDelta(wanted.index, held?.index ?? NOTHING);
    updateBytes += wanted.sizeBytes + (held?.sizeBytes ?? 0) + fetchBytes;
    updateRequests += ranges.length + (held === undefined ? 1 : 2);
  }
  const size = async (name: string) =>
    (await stat(join(metadataFolder(repository.folder), name))).size;
  return {
    ...{ checkBytes: await size("timestamp.json"), checkRequests: CHECK_REQUESTS },
    newsBytes:
      (await size(`${repository.snapshotVersion}.snapshot.json`)) +
      (await size(`${repository.targets.version}.targets.json`)) +
      (repository.targets.targets.get(MANIFEST_TARGET)?.sizeBytes ?? 0),
    newsRequests: NEWS_REQUESTS,
    ...{ updateBytes, updateRequests },
  };
}

async function readIndex(repository: Repository, image: ReleaseImage) {
  const text = await readTarget(repository, image.chunks);
  const fileBytes = repository.targets.targets.get(image.target)?.sizeBytes ?? 0;
  return {
    index: parseChunkIndex(text, image.size_bytes, fileBytes),
    sizeBytes: Buffer.byteLength(text),
  };
}
