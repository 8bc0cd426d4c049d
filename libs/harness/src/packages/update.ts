import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { repositoryPath } from "../core/paths.ts";
import { BuildError } from "../core/build-error.ts";
import { withApt } from "./fetch.ts";
import { LOCK_FILE, type Lock, type LockedPackage } from "./lock.ts";

/** The packages that somebody asked for; dependencies of the sdk are resolved, those of the root are listed by hand. */
export interface WantedPackages {
  readonly suite: string;
  readonly sdk: readonly string[];
  readonly kernel: readonly string[];
  readonly root: readonly string[];
}

/** Resolves the wanted packages against today's archive and writes the lock. Returns one line per change. */
export async function updateLock(
  wanted: WantedPackages,
  previous: Lock | undefined,
): Promise<string[]> {
  const work = await mkdtemp(join(tmpdir(), "ballast-packages-"));
  try {
    // An empty status makes apt plan a whole installation, the essential packages (~i?essential) included.
    const simulate = [
      "apt-get",
      "-s",
      "--no-install-recommends",
      "install",
      "?essential",
      "apt",
      ...wanted.sdk,
    ];
    await withApt(wanted.suite, work, simulate, { output: "sdk.txt" });
    const sdkNames = [
      ...(await readFile(join(work, "sdk.txt"), "utf8")).matchAll(/^Inst (\S+)/gm),
    ].map((match) => match[1]!.replace(/:amd64$/, ""));
    const names = [...new Set([...sdkNames, ...wanted.kernel, ...wanted.root])].toSorted();
    await withApt(wanted.suite, work, ["apt-cache", "show", "--no-all-versions", ...names], {
      output: "show.txt",
    });
    const records = parseRecords(await readFile(join(work, "show.txt"), "utf8"));
    const lock: Lock = {
      suite: wanted.suite,
      sourceDateEpoch: Math.floor(Date.now() / 86_400_000) * 86_400,
      sdk: pick(records, sdkNames),
      kernel: pick(records, wanted.kernel),
      root: pick(records, wanted.root),
    };
    const changes = describeChanges(previous, lock);
    if (previous !== undefined && changes.length === 0) return [];
    await writeFile(repositoryPath(LOCK_FILE), `${JSON.stringify(lock, undefined, 1)}\n`);
    return changes;
  } finally {
    await rm(work, { recursive: true, force: true });
  }
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
  return (["sdk", "kernel", "root"] as const).flatMap((part) => {
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
