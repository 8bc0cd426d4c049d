import { join, relative } from "node:path";
import * as z from "zod";
import { BuildError } from "./core/build-error.ts";
import { repositoryPath } from "./core/paths.ts";

const Path = z
  .string()
  .regex(/^[^/].*[^/]$|^[^/]$/, "must be a path without a leading or trailing slash");
const Id = z.int().min(0).max(65534);

const PackageContents = z.strictObject({
  name: z.string(),
  /** Globs over the paths of the package. */
  keep: z.array(z.string()).min(1),
  dropSetuid: z.boolean().optional(),
});

const Partition = z.strictObject({
  label: z.string().max(36),
  typeGuid: z.guid(),
  sizeMiB: z.int().positive(),
  content: z.enum(["esp", "uki", "root", "hash", "state", "data"]).optional(),
  /** GPT attribute bits. */
  flags: z.bigint().optional(),
});
export type Partition = z.infer<typeof Partition>;
export type PartitionContent = NonNullable<Partition["content"]>;

/** A variant of Ballast, as plain data: `images/<variant>/image.ts` exports one as `image`. */
export const ImageDefinition = z.strictObject({
  variant: z.string().regex(/^[a-z0-9-]+$/),
  /** Programs carried, as folders of the repository. */
  apps: z.array(Path),
  packages: z.array(PackageContents),
  /** Every file of the root that can be started, by path. */
  programs: z.array(Path),
  links: z.record(Path, z.string()),
  directories: z.record(Path, z.int().max(0o777)),
  enabledUnits: z.array(z.string()),
  users: z.array(z.strictObject({ name: z.string(), id: Id, group: Id, home: z.string() })),
  groups: z.array(z.strictObject({ name: z.string(), id: Id })),
  partitions: z.array(Partition),
  /** How full a partition may be at build time, as a share. */
  maxFill: z.number().positive().max(1),
});
export type ImageDefinition = z.infer<typeof ImageDefinition>;

export async function loadImage(workspace: string): Promise<ImageDefinition> {
  const file = join(workspace, "image.ts");
  const module: unknown = await import(file);
  const result = z.object({ image: ImageDefinition }).safeParse(module);
  if (result.success) return result.data.image;
  const name = relative(repositoryPath(), file);
  throw new BuildError(
    "build.bad-config",
    `Cannot use the image of "${name}": ${z.prettifyError(result.error)}`,
  );
}
