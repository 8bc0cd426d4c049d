import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fixedCommandLine, signedCommandLine } from "@ballast/kernel";
import { inside, type Context } from "../core/context.ts";
import { repositoryPath } from "../core/paths.ts";
import { osRelease, releaseOf } from "../root/os-release.ts";
import type { ImageDefinition } from "../image-definition.ts";
import { readVerity, verityPartitionUuids, type Verity } from "./verity.ts";

const STUB = "/usr/lib/systemd/boot/efi/linuxx64.efi.stub";
const SECTORS_PER_BLOCK = 8;

/** Joins kernel and command line into one file that can be signed; the command line names the root by its hash. */
export async function buildUki(
  context: Context,
  image: ImageDefinition,
  buildId: string,
  extraParameters: readonly string[] = [],
): Promise<void> {
  const verity = verityCommandLine(await readVerity(context.dist));
  const commandLine = signedCommandLine([verity, fixedCommandLine(), ...extraParameters]);
  const output = join(context.dist, "uki.unsigned.efi");
  await writeFile(join(context.dist, "command-line.txt"), commandLine);
  await writeFile(
    join(context.dist, "os-release"),
    osRelease(releaseOf(context, image.variant, buildId)),
  );
  await context.run(
    [
      ...[
        "ukify",
        "build",
        `--linux=/src/bzImage`,
        `--stub=${STUB}`,
        "--cmdline=@/out/command-line.txt",
      ],
      ...["--os-release=@/out/os-release", "--uname=6.12", `--output=${inside(output)}`],
    ],
    { readOnly: { "/src": repositoryPath("kernel/dist") }, writable: { "/out": context.dist } },
  );
  await context.run(["python3", "/src/open-cmdline.py", inside(output)], {
    readOnly: { "/src": repositoryPath("kernel/selector") },
    writable: { "/out": context.dist },
  });
}

/** The part of the command line that opens the root: dm-init's table for dm-verity, fail closed. */
export function verityCommandLine({ rootHash, salt, dataBlocks }: Verity): string {
  const { root, hash } = verityPartitionUuids(rootHash);
  const sectors = dataBlocks * SECTORS_PER_BLOCK;
  const target = `verity 1 PARTUUID=${root} PARTUUID=${hash} 4096 4096 ${dataBlocks} 1 sha256 ${rootHash} ${salt}`;
  return [
    "root=/dev/dm-0",
    "ro",
    "rootfstype=erofs",
    `dm-mod.create="root,,,ro,0 ${sectors} ${target} 1 panic_on_corruption"`,
    `dm-mod.waitfor=PARTUUID=${root},PARTUUID=${hash}`,
  ].join(" ");
}
