import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { repositoryPath } from "../core/paths.ts";
import { BuildError } from "../core/build-error.ts";
import { withApt } from "./fetch.ts";
import { LOCK_FILE, type Lock, type LockedPackage } from "./lock.ts";

/**
 * The packages that somebody asked for. Dependencies of what is installed (sdk, admin) are resolved; the others are only
 * read, and theirs are listed by hand where they are wanted.
 */
export interface WantedPackages {
  readonly suite: string;
  readonly sdk: readonly string[];
  readonly kernel: readonly string[];
  readonly protocols: readonly string[];
  readonly root: readonly string[];
  readonly tests: readonly string[];
  readonly admin: readonly string[];
}

/** Resolves the wanted packages against today's archive and writes the lock. Returns one line per change. */
export async function updateLock(
  wanted: WantedPackages,
  previous: Lock | undefined,
): Promise<string[]> {
  const work = await mkdtemp(join(tmpdir(), "ballast-packages-"));
  try {
    const sdk = await resolveInstallation(wanted.suite, work, wanted.sdk);
    const admin = await resolveInstallation(wanted.suite, work, wanted.admin);
    const { kernel, protocols, root, tests } = wanted;
    const readOnly = [...kernel, ...protocols, ...root, ...tests];
    const names = [...new Set([...sdk, ...readOnly, ...admin])].toSorted();
    await withApt(wanted.suite, work, ["apt-cache", "show", "--no-all-versions", ...names], {
      output: "show.txt",
    });
    const records = parseRecords(await readFile(join(work, "show.txt"), "utf8"));
    const lock: Lock = {
      suite: wanted.suite,
      sourceDateEpoch: Math.floor(Date.now() / 86_400_000) * 86_400,
      sdk: pick(records, sdk),
      kernel: pick(records, kernel),
      protocols: pick(records, protocols),
      root: pick(records, root),
      tests: pick(records, tests),
      admin: pick(records, admin),
    };
    const changes = describeChanges(previous, lock);
    if (previous !== undefined && changes.length === 0) return [];
    await writeFile(repositoryPath(LOCK_FILE), `${JSON.stringify(lock, undefined, 1)}\n`);
    return changes;
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

/** Names of all packages of a new root with the wanted ones. */
async function resolveInstallation(
  suite: string,
  work: string,
  wanted: readonly string[],
): Promise<string[]> {
  // An empty status makes apt plan a whole installation, the essential packages included.
  const simulate = ["apt-get", "-s", "--no-install-recommends", "install", "?essential", "apt"];
  await withApt(suite, work, [...simulate, ...wanted], { output: "plan.txt" });
  const plan = await readFile(join(work, "plan.txt"), "utf8");
  return [...plan.matchAll(/^Inst (\S+)/gm)].map((match) => match[1]!.replace(/:amd64$/, ""));
}

function parseRecords(text: string): Map<string, LockedPackage> {
  const records = new Map<string, LockedPackage>();
  for (const paragraph of text.split("\n\n")) {
    const field = (name: string): string =>
      new RegExp(`^${name}: (.*)$`, "m").exec(paragraph)?.[1] ?? "";
    const name = field("Package");
    if (name !== "" && !records.has(name))
      records.set(name, {
        name,
        version: field("Version"),
        sha256: field("SHA256"),
        sizeBytes: Number(field("Size")),
      });
  }
  return records;
}

function pick(
  records: ReadonlyMap<string, LockedPackage>,
  names: readonly string[],
): LockedPackage[] {
  return names.toSorted().map((name) => {
    const record = records.get(name);
    if (record === undefined)
      throw new BuildError(
        "build.package-vanished",
        `Cannot lock "${name}": the archive has no such package`,
      );
    return record;
  });
}

export function describeChanges(previous: Lock | undefined, next: Lock): string[] {
  return (["sdk", "kernel", "protocols", "root", "tests", "admin"] as const).flatMap((part) => {
    const before = new Map(previous?.[part].map(({ name, version }) => [name, version]));
    const after = new Map(next[part].map(({ name, version }) => [name, version]));
    const changed = [...after].flatMap(([name, version]) => {
      const old = before.get(name);
      return old === version ? [] : [`${part}: ${name} ${old ?? "(new)"} -> ${version}`];
    });
    const gone = [...before.keys()].filter((name) => !after.has(name));
    return [...changed, ...gone.map((name) => `${part}: ${name} removed`)];
  });
}
