import { open, stat } from "node:fs/promises";
import { basename, join } from "node:path";
import { releaseName } from "@ballast/updates";
import type { TargetContent } from "@ballast/tuf/repository";
import { PublisherError } from "../publisher-error.ts";
import type { Repository } from "../repository/repository.ts";
import type { BuiltImage } from "./image-folder.ts";
import { putCopy } from "./put-target.ts";

/** What the build leaves beside its images. */
const SBOM_FILE = "sbom.cdx.json";
const ARCHIVE_NAME = /^[A-Za-z0-9][A-Za-z0-9._+-]{0,99}$/;
/** Where a tar archive says that it is one. */
const MAGIC_OFFSET = 257;

/** Files that go with a release and are no images of it. */
export interface Attachments {
  readonly sbom: string | undefined;
  /** OCI archives, by the name that they have in the release. */
  readonly archives: ReadonlyMap<string, string>;
}

/** Looks at the files. Throws PublisherError for what can be no archive. */
export async function findAttachments(
  imageFolder: string,
  archives: readonly string[],
): Promise<Attachments> {
  const found = new Map<string, string>();
  for (const path of archives) {
    const name = basename(path);
    if (!ARCHIVE_NAME.test(name) || found.has(name))
      throw badArchive(
        path,
        found.has(name) ? "another one has its name" : "its name is no plain one",
      );
    await checkTar(path);
    found.set(name, path);
  }
  const sbom = join(imageFolder, SBOM_FILE);
  const hasSbom = await stat(sbom).then(
    (file) => file.isFile(),
    () => false,
  );
  return { sbom: hasSbom ? sbom : undefined, archives: found };
}

export interface Attached {
  /** The fields of the release that name them. */
  readonly fields: { readonly sbom?: string; readonly archives?: string[] };
  readonly targets: ReadonlyMap<string, TargetContent>;
}

/** Puts them among the targets, each under a name of its release: a later release never changes them. */
export async function putAttachments(
  repository: Repository,
  image: BuiltImage,
  { sbom, archives }: Attachments,
  signal: AbortSignal,
): Promise<Attached> {
  const targets = new Map<string, TargetContent>();
  const put = async (name: string, path: string): Promise<string> => {
    targets.set(name, await putCopy(repository, name, path, signal));
    return name;
  };
  const release = releaseName(image);
  const names: string[] = [];
  for (const [name, path] of archives) names.push(await put(`archive-${release}.${name}`, path));
  return {
    fields: {
      ...(sbom === undefined ? {} : { sbom: await put(`sbom-${release}.cdx.json`, sbom) }),
      ...(names.length === 0 ? {} : { archives: names }),
    },
    targets,
  };
}

async function checkTar(path: string): Promise<void> {
  const magic = Buffer.alloc(5);
  try {
    await using file = await open(path, "r");
    await file.read(magic, 0, magic.length, MAGIC_OFFSET);
  } catch (cause) {
    throw badArchive(path, "it cannot be read", cause);
  }
  if (magic.toString("latin1") !== "ustar") throw badArchive(path, "it is no tar archive");
}

function badArchive(path: string, reason: string, cause?: unknown): PublisherError {
  return new PublisherError("publisher.bad-image", `Cannot publish "${path}": ${reason}`, {
    cause,
    hint: "It is an OCI archive, not compressed, as skopeo and umoci write it.",
  });
}
