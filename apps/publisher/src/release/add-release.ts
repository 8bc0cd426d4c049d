import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { rm, stat } from "node:fs/promises";
import {
  compareVersions,
  parseChunkIndex,
  planDelta,
  releaseName,
  writeChunkIndex,
  type ChunkIndex,
  type Manifest,
  type Release,
  type ReleaseImage,
  type Wave,
} from "@ballast/updates";
import type { TargetContent } from "@ballast/tuf/repository";
import { packImage } from "../pack/pack-image.ts";
import { PublisherError } from "../publisher-error.ts";
import { placeFile } from "../repository/put-file.ts";
import { targetPath, type Repository } from "../repository/repository.ts";
import { putAttachments, type Attachments } from "./attachments.ts";
import { IMAGE_NAMES, type BuiltImage, type ImageName } from "./image-folder.ts";
import { draftPath, putText } from "./put-target.ts";
import { readTarget } from "./read-target.ts";

export interface Steps {
  /** What is being packed, and how far it is, 0 to 1. */
  readonly onProgress: (what: string, share: number) => void;
  readonly signal: AbortSignal;
}

export interface NewRelease {
  readonly image: BuiltImage;
  readonly attachments: Attachments;
  readonly waves: readonly Wave[];
  readonly publishedAt: Temporal.Instant;
}

/** What a machine of an earlier release fetches of the new root. */
export interface DeltaSize {
  readonly from: string;
  readonly fetchBytes: number;
}

export interface AddedRelease {
  readonly release: Release;
  readonly manifest: Manifest;
  /** The targets of the release, whose files are in place. */
  readonly targets: ReadonlyMap<string, TargetContent>;
  readonly packedBytes: number;
  readonly deltas: readonly DeltaSize[];
}

/**
 * Packs the images of a build and puts them among the targets; nothing refers to them yet. Run again after it was
 * interrupted it does the same once more.
 */
export async function addRelease(
  repository: Repository,
  manifest: Manifest,
  { image, attachments, waves, publishedAt }: NewRelease,
  steps: Steps,
): Promise<AddedRelease> {
  refuseTwice(repository, image);
  const targets = new Map<string, TargetContent>();
  const packed = new Map<ImageName, [ReleaseImage, ChunkIndex]>();
  for (const name of IMAGE_NAMES)
    packed.set(name, await addImage(repository, image, name, targets, steps));
  const of = (name: ImageName) => required(packed.get(name));
  const attached = await putAttachments(repository, image, attachments, steps.signal);
  const release: Release = {
    ...{ variant: image.variant, arch: image.arch, version: image.version },
    published_at: publishedAt.round({ smallestUnit: "second" }).toString(),
    max_version: newMaximum(manifest, image),
    waves: [...waves],
    root_hash: image.rootHash,
    selector: image.leastSelector,
    images: { boot: of("boot")[0], root: of("root")[0], hash: of("hash")[0] },
    ...attached.fields,
  };
  const others = keptReleases(manifest, image).map((one) =>
    isSameKind(one, image) ? { ...one, max_version: release.max_version } : one,
  );
  return {
    release,
    targets: new Map([...targets, ...attached.targets]),
    manifest: { schema: 1, releases: [...others, release] },
    packedBytes: [...targets.values()].reduce((sum, { sizeBytes }) => sum + sizeBytes, 0),
    deltas: await deltaSizes(repository, manifest, image, of("root")[1]),
  };
}

async function addImage(
  repository: Repository,
  image: BuiltImage,
  name: ImageName,
  targets: Map<string, TargetContent>,
  { onProgress, signal }: Steps,
): Promise<[ReleaseImage, ChunkIndex]> {
  const source = image.images[name];
  const target = targetName(name, image);
  const chunks = `${name}-${releaseName(image)}.chunks.json`;
  const draft = draftPath(repository.folder);
  try {
    const { imageBytes, imageSha256, index } = await packImage(source.path, draft, {
      onProgress: (done) => {
        onProgress(target, done / source.sizeBytes);
      },
      signal,
    });
    if (imageSha256 !== source.sha256)
      throw new PublisherError(
        "publisher.bad-image",
        `Cannot publish "${source.path}": it is not the file that the build's manifest names`,
        { hint: "Build the image again." },
      );
    const file = { sizeBytes: (await stat(draft)).size, sha256: await sha256Of(draft) };
    await placeFile(draft, targetPath(repository.folder, target, file));
    targets.set(target, file);
    targets.set(chunks, await putText(repository, chunks, writeChunkIndex(index)));
    return [{ target, size_bytes: imageBytes, sha256: imageSha256, chunks }, index];
  } finally {
    await rm(draft, { force: true });
  }
}

/** By its targets: a release that was withdrawn may have left the manifest. */
function refuseTwice({ targets }: Repository, image: BuiltImage): void {
  if (!targets.targets.has(targetName("root", image))) return;
  throw new PublisherError(
    "publisher.exists",
    `Cannot publish ${releaseName(image)}: the repository has it already, or had it`,
    { hint: "A release never changes: give the image a new version." },
  );
}

/**
 * Without those that are withdrawn now, if this one raises the limit: they would be offered again, and their waves are over, so to
 * everybody at once.
 */
function keptReleases(manifest: Manifest, image: BuiltImage): Release[] {
  const isLifted = (one: Release) =>
    isSameKind(one, image) &&
    compareVersions(one.version, one.max_version) > 0 &&
    compareVersions(one.version, newMaximum(manifest, image)) <= 0;
  return manifest.releases.filter((one) => !isLifted(one));
}

/** The highest that anybody may run: it never falls by a new release, only by a withdrawal. */
function newMaximum({ releases }: Manifest, image: BuiltImage): string {
  const known = releases.find((one) => isSameKind(one, image))?.max_version ?? image.version;
  return compareVersions(image.version, known) > 0 ? image.version : known;
}

function targetName(name: ImageName, image: BuiltImage): string {
  return `${name}-${releaseName(image)}.zst`;
}

function isSameKind(release: Release, { variant, arch }: BuiltImage): boolean {
  return release.variant === variant && release.arch === arch;
}

async function deltaSizes(
  repository: Repository,
  manifest: Manifest,
  image: BuiltImage,
  index: ChunkIndex,
): Promise<DeltaSize[]> {
  const sizes: DeltaSize[] = [];
  for (const old of manifest.releases.filter((one) => isSameKind(one, image))) {
    const { chunks, target, size_bytes: size } = old.images.root;
    const text = await readTarget(repository, chunks);
    const held = parseChunkIndex(
      text,
      size,
      repository.targets.targets.get(target)?.sizeBytes ?? 0,
    );
    sizes.push({ from: old.version, fetchBytes: planDelta(index, held).fetchBytes });
  }
  return sizes;
}

async function sha256Of(path: string): Promise<string> {
  const hash = createHash("sha256");
  for await (const bytes of createReadStream(path)) hash.update(bytes);
  return hash.digest("hex");
}

function required<T>(value: T | undefined): T {
  if (value === undefined) throw new TypeError("An image was not packed");
  return value;
}
