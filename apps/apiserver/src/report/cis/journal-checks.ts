import { PATHS } from "../../paths.ts";
import { fail, judge, pass, type CisCheck, type Verdict } from "./cis-check.ts";
import type { MachineLook } from "./machine-look.ts";
import { mountOf } from "./mounts.ts";

/** File systems that are gone after a restart. */
const VOLATILE = new Set(["tmpfs", "ramfs", "overlay"]);

export const JOURNAL_CHECKS: readonly CisCheck[] = [
  {
    id: "4.1.1.1",
    title: "The journal is kept on disk",
    level: 1,
    mode: "automatic",
    look: persistence,
  },
  {
    id: "4.1.2",
    title: "The journal is closed to others",
    level: 1,
    mode: "automatic",
    look: permissions,
  },
];

/** Looks for a journal that is being written, not for what a configuration promises. */
async function persistence(machine: MachineLook): Promise<Verdict> {
  const mount = mountOf(await machine.mounts(), PATHS.journal);
  if (mount === undefined) throw new Error("the mount table names no root");
  if (VOLATILE.has(mount.type))
    return fail(`${PATHS.journal} lies on ${mount.type}, which is gone after a restart.`);
  if (!(await machine.exists(PATHS.journal))) return fail(`There is no ${PATHS.journal}.`);
  const written = (await journalFiles(machine)).filter((path) => path.endsWith("/system.journal"));
  return written.length === 0
    ? fail(`No journal is written to ${PATHS.journal}.`)
    : pass(`The journal is written to ${written.join(", ")} on ${mount.type}.`);
}

async function permissions(machine: MachineLook): Promise<Verdict> {
  const files = await journalFiles(machine);
  const open: string[] = [];
  for (const path of files) {
    const mode = await machine.mode(path);
    // Its group may read it, and nobody but root write.
    if ((mode & 0o037) !== 0) open.push(`${path} has mode ${mode.toString(8).padStart(4, "0")}`);
  }
  return open.length > 0
    ? fail(`${open.join(", ")}.`)
    : judge(
        files.length > 0,
        `${files.length} files of the journal are open to root and its group alone.`,
      );
}

/** One directory for each machine id lies below that of the journal. */
async function journalFiles(machine: MachineLook): Promise<string[]> {
  const files: string[] = [];
  for (const id of await machine.names(PATHS.journal)) {
    const folder = `${PATHS.journal}/${id}`;
    const names = await machine.names(folder);
    files.push(
      ...names.map((name) => `${folder}/${name}`).filter((path) => path.endsWith(".journal")),
    );
  }
  return files;
}
