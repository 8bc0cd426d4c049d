import * as z from "zod";
import { UpdatesError } from "./errors.ts";
import { SEED_COUNT } from "./seed.ts";
import { isVersion } from "./version.ts";

/** The name of the manifest among the targets of a repository. */
export const MANIFEST_TARGET = "manifest.json";
/** The form that this program knows. */
const SCHEMA = 1;
const MAX_RELEASES = 1000;
const MAX_WAVES = 64;
const MAX_ARCHIVES = 64;
/** Of a partition; far more than any slot has. */
const IMAGE_MAX_BYTES = 2 ** 40;

const Version = z.string().refine(isVersion, { error: "must be a semantic version" });
const Word = z.string().regex(/^[a-z0-9][a-z0-9_-]{0,63}$/, { error: "must be a plain name" });
const Sha256 = z.string().regex(/^[0-9a-f]{64}$/, { error: "must be 64 lower-case hex digits" });
const Time = z.iso.datetime({ error: "must be a time in UTC, RFC 3339" });
/** One name within the folder of targets: nothing that could lead out of it. */
const TargetName = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9._+-]{0,199}$/, { error: "must be the name of a target" });

const Image = z.strictObject({
  /** The zstd file: independent frames one after another, one for each chunk. */
  target: TargetName,
  /** Of the image itself, unpacked. */
  size_bytes: z.int().positive().max(IMAGE_MAX_BYTES),
  sha256: Sha256,
  /** The target that is its {@link ChunkIndex}. */
  chunks: TargetName,
});
export type ReleaseImage = z.output<typeof Image>;

const Wave = z.strictObject({
  /** Seeds from this one up to the next wave's. */
  first_seed: z
    .int()
    .min(0)
    .max(SEED_COUNT - 1),
  starts_at: Time,
  ends_at: Time,
});
export type Wave = z.output<typeof Wave>;

const Waves = z
  .array(Wave)
  .max(MAX_WAVES)
  .refine((waves) => waves.length === 0 || waves[0]?.first_seed === 0, {
    error: "must begin with seed 0",
  })
  .refine(
    (waves) =>
      waves.every((wave, i) => i === 0 || wave.first_seed > (waves[i - 1]?.first_seed ?? 0)),
    { error: "must have rising seeds" },
  )
  .refine(
    (waves) => waves.every((wave) => Date.parse(wave.starts_at) <= Date.parse(wave.ends_at)),
    {
      error: "must not end before they start",
    },
  );

const Release = z.strictObject({
  variant: Word,
  arch: Word,
  version: Version,
  published_at: Time,
  /** Machines of a later version go back; the same in all releases of a variant and architecture. */
  max_version: Version,
  /** None: everybody at once. */
  waves: Waves,
  /** Of the root's verity tree. */
  root_hash: Sha256,
  /** The least version of the slot selector that starts it. */
  selector: z.int().min(1),
  images: z.strictObject({ boot: Image, root: Image, hash: Image }),
  /** The target that is its bill of materials, CycloneDX as JSON. */
  sbom: TargetName.optional(),
  /** Targets that are OCI archives: images of containers that go with the release. */
  archives: z.array(TargetName).max(MAX_ARCHIVES).optional(),
});
export type Release = z.output<typeof Release>;

const Manifest = z.strictObject({
  schema: z.literal(SCHEMA),
  releases: z
    .array(Release)
    .max(MAX_RELEASES)
    .refine((releases) => new Set(releases.map(releaseName)).size === releases.length, {
      error: "must not name a release twice",
    }),
});
export type Manifest = z.output<typeof Manifest>;

/** What the target {@link MANIFEST_TARGET} says. Throws UpdatesError. */
export function parseManifest(text: string): Manifest {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    throw badManifest("it is no JSON", cause);
  }
  if (typeof json === "object" && json !== null && "schema" in json && json.schema !== SCHEMA)
    throw new UpdatesError(
      "updates.bad-manifest",
      `Cannot read the manifest: it has form ${JSON.stringify(json.schema)}, this program knows ${SCHEMA}`,
      { hint: "Update to a release in between that knows both." },
    );
  const result = Manifest.safeParse(json);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  throw badManifest(`${issue?.path.join(".") ?? ""}: ${issue?.message ?? ""}`);
}

/** As text for the repository: the same manifest is the same bytes. */
export function writeManifest(manifest: Manifest): string {
  return `${JSON.stringify(Manifest.parse(manifest), undefined, 1)}\n`;
}

/** What tells releases apart. */
export function releaseName({
  variant,
  arch,
  version,
}: Pick<Release, "variant" | "arch" | "version">): string {
  return `${variant}-${arch}-${version}`;
}

/** All targets that belong to it alone: what a bundle with this release holds besides the manifest. */
export function targetsOf({ images, sbom, archives = [] }: Release): string[] {
  const parts = Object.values(images);
  return [
    ...parts.map(({ chunks }) => chunks),
    ...parts.map(({ target }) => target),
    ...(sbom === undefined ? [] : [sbom]),
    ...archives,
  ];
}

function badManifest(reason: string, cause?: unknown): UpdatesError {
  return new UpdatesError(
    "updates.bad-manifest",
    `Cannot read the manifest: ${reason}`,
    cause === undefined ? {} : { cause },
  );
}
