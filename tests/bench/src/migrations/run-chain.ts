import {
  changeValue,
  defineHistory,
  migrateValues,
  type MigrationHistory,
} from "@ballast/migrations";

/** What the measured process prints: milliseconds of each run. */
export interface ChainTimes {
  readonly copied: readonly number[];
  readonly tenth: readonly number[];
  readonly all: readonly number[];
}

const MIGRATIONS = 100;
const ENTRIES = 1000;
const FIELDS = 10;

const values = new Map<string, unknown>();
for (let entry = 0; entry < ENTRIES; entry += 1)
  for (let field = 0; field < FIELDS; field += 1)
    values.set(`containers.c${entry}.f${field}`, `value ${entry} of ${field}`);

const times: Record<keyof ChainTimes, number[]> = { copied: [], tenth: [], all: [] };
const rounds = Number(process.argv[2]);
const [tenth, all] = [
  chainOver((index) => `containers.*.f${index % FIELDS}`),
  chainOver(() => "containers.*.*"),
];
for (let round = 0; round < rounds; round += 1) {
  times.copied.push(msOf(copyValues));
  times.tenth.push(msOf(() => migrate(tenth)));
  times.all.push(msOf(() => migrate(all)));
}
process.stdout.write(JSON.stringify(times));

function chainOver(keyOf: (index: number) => string): MigrationHistory {
  return defineHistory(
    Array.from({ length: MIGRATIONS }, (_, index) => ({
      to: `1.${index}.0`,
      name: "change",
      describe: "Changes values.",
      ...changeValue(keyOf(index), {
        forward: (value) => `${String(value)}.`,
        backward: (value) => String(value).slice(0, -1),
      }),
    })),
  );
}

function migrate(history: MigrationHistory): void {
  const { report } = migrateValues(values, "0.1.0", "2.0.0", history);
  if (report.changes.length !== values.size) throw new Error("not every value was changed");
}

/** The least that a chain of programs would do: write all values as text and read them, once for each migration. */
function copyValues(): void {
  let now: [string, unknown][] = [...values];
  for (let index = 0; index < MIGRATIONS; index += 1) now = JSON.parse(JSON.stringify(now));
  if (now.length !== values.size) throw new Error("values were lost");
}

function msOf(act: () => void): number {
  const startedMs = performance.now();
  act();
  return performance.now() - startedMs;
}
