import * as fs from "node:fs";
import * as path from "node:path";
import { EXIT } from "@ballast/errors";
import { ApiclientError } from "../apiclient-error.ts";

export interface NewFile {
  readonly name: string;
  readonly text: string;
  readonly mode: number;
}

export interface Written {
  readonly path: string;
  /** Where an earlier result went. */
  readonly movedTo: string | undefined;
}

/**
 * Makes a directory (0700) with these files, all or nothing: they are written and synced in a directory beside it, which
 * then takes the name. An earlier result is never changed; with `force` it is moved aside as a whole.
 */
export function writeFolder(outDir: string, files: readonly NewFile[], force: boolean): Written {
  const target = resolveTarget(outDir);
  try {
    const present = listFolder(target);
    if (present.length > 0) refuseUnlessForced(target, present, files, force);
    const parent = path.dirname(target);
    fs.mkdirSync(parent, { recursive: true });
    const draft = fs.mkdtempSync(path.join(parent, `.${path.basename(target)}.tmp-`));
    try {
      for (const file of files) writeFile(draft, file);
      sync(draft);
      const movedTo = present.length > 0 ? moveAside(target) : undefined;
      // Onto nothing or an empty directory; fails if somebody put a file there since.
      fs.renameSync(draft, target);
      sync(parent);
      return { path: target, movedTo };
    } finally {
      fs.rmSync(draft, { recursive: true, force: true });
    }
  } catch (error) {
    if (error instanceof ApiclientError) throw error;
    throw new ApiclientError("apiclient.write", `Cannot write credentials to "${target}"`, {
      cause: error,
    });
  }
}

/** A link to a directory is followed: it must stay a link. */
function resolveTarget(outDir: string): string {
  const target = path.resolve(outDir);
  return fs.existsSync(target) ? fs.realpathSync(target) : target;
}

function listFolder(target: string): string[] {
  try {
    return fs.readdirSync(target);
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return [];
    throw error;
  }
}

function refuseUnlessForced(
  target: string,
  present: readonly string[],
  files: readonly NewFile[],
  force: boolean,
): void {
  const foreign = present.find((name) => !files.some((file) => file.name === name));
  if (foreign === undefined && force) return;
  throw new ApiclientError(
    "apiclient.exists",
    `Cannot write credentials to "${target}": it holds "${foreign ?? present[0]}" already`,
    {
      exitCode: EXIT.failed,
      hint:
        foreign === undefined
          ? "Nothing was written. With --force the directory is moved aside."
          : "Nothing was written. Choose a directory of its own.",
    },
  );
}

function writeFile(folder: string, { name, text, mode }: NewFile): void {
  const fd = fs.openSync(path.join(folder, name), "wx", mode);
  try {
    fs.writeFileSync(fd, text);
    fs.fsyncSync(fd);
  } finally {
    fs.closeSync(fd);
  }
}

function moveAside(target: string): string {
  const stamp = new Date().toISOString().replaceAll(/[-:]|\.\d+/g, "");
  const aside = `${target}.old-${stamp}`;
  if (fs.existsSync(aside)) throw new Error(`"${aside}" exists already`);
  fs.renameSync(target, aside);
  return aside;
}

function sync(folder: string): void {
  const fd = fs.openSync(folder, "r");
  try {
    fs.fsyncSync(fd);
  } finally {
    fs.closeSync(fd);
  }
}
