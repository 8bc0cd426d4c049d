import type { RenderedFile } from "@ballast/model";
import type { Fs } from "@ballast/system";
import { PATHS } from "../paths.ts";

/** One step towards the rendered files; the path is relative to `/run/ballast/etc`. */
export type FileStep =
  | { readonly action: "write"; readonly path: string; readonly file: RenderedFile }
  | { readonly action: "remove"; readonly path: string };

/** Where a rendered file lies. */
export function renderedPath(path: string): string {
  return `${PATHS.renderedFiles}/${path}`;
}

/**
 * What makes the rendered files what lies there: those whose text is another are written, then everything else in the given
 * directories is removed. Only reads.
 */
export async function planFiles(
  fs: Fs,
  files: readonly RenderedFile[],
  directories: readonly string[],
): Promise<FileStep[]> {
  const steps: FileStep[] = [];
  for (const file of files)
    if ((await fs.readText(renderedPath(file.path))) !== file.text)
      steps.push({ action: "write", path: file.path, file });
  const wanted = new Set(files.flatMap(({ path }) => [path, ...directoriesOf(path)]));
  for (const path of await listAll(fs, directories))
    if (!wanted.has(path)) steps.push({ action: "remove", path });
  return steps;
}

/** What lies in these directories; what lies in a directory of theirs comes before it. */
async function listAll(fs: Fs, directories: readonly string[]): Promise<string[]> {
  const lists = await Promise.all(
    directories.map(async (directory) => {
      const paths = (await fs.list(renderedPath(directory))).map((name) => `${directory}/${name}`);
      return [...(await listAll(fs, paths)), ...paths];
    }),
  );
  return lists.flat();
}

function directoriesOf(path: string): string[] {
  const names = path.split("/").slice(0, -1);
  return names.map((_, index) => names.slice(0, index + 1).join("/"));
}
