import { access, constants, copyFile, symlink, mkdir } from "node:fs/promises";
import { join } from "node:path";
import { REPOSITORY, STANDALONE_DIST } from "@ballast/vm";
import { settleFile } from "./baseline-executable.ts";
import { BenchError } from "./bench-error.ts";

export const PROGRAMS = ["apiclient", "apiserver", "migrator", "signpost"] as const;
export type ProgramName = (typeof PROGRAMS)[number];

/** A file that the image build left, by its path in the repository; a sentence that helps if it is not there. */
export async function builtFile(path: string): Promise<string> {
  const file = join(REPOSITORY, path);
  try {
    await access(file);
  } catch (cause) {
    throw new BenchError("bench.no-image", `Cannot measure "${path}": it does not exist`, {
      cause,
      hint: "Build the image first: npx turbo run image",
    });
  }
  return file;
}

export function imageFile(name: string): Promise<string> {
  return builtFile(join(STANDALONE_DIST.slice(REPOSITORY.length + 1), name));
}

export interface SealedPrograms {
  readonly executable: string;
  readonly paths: Readonly<Record<ProgramName, string>>;
}

/** The sealed executable with a link for each program, as in the image; a copy, so that no build pulls it away. */
export async function copyPrograms(directory: string): Promise<SealedPrograms> {
  await mkdir(directory, { recursive: true });
  const executable = join(directory, "ballast");
  await copyFile(await imageFile("ballast"), executable, constants.COPYFILE_FICLONE);
  await settleFile(executable);
  const link = async (name: ProgramName): Promise<string> => {
    const path = join(directory, name);
    await symlink("ballast", path);
    return path;
  };
  const paths = {
    apiclient: await link("apiclient"),
    apiserver: await link("apiserver"),
    migrator: await link("migrator"),
    signpost: await link("signpost"),
  };
  return { executable, paths };
}
