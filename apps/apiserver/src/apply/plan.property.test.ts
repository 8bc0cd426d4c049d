import { DatastoreError } from "@ballast/datastore";
import { createMemoryClock } from "@ballast/system";
import * as fc from "fast-check";
import {
  affectedServices,
  explainKey,
  parsePatch,
  SERVICES,
  unflatten,
  type Change,
} from "@ballast/model";
import { describe, expect, it } from "vitest";
import { planOf } from "../routes/plan.ts";
import { createBench, type Bench, type Deed } from "./bench.fixture.ts";
import { changeSettings } from "./change-settings.ts";
import { systemctlArguments } from "./systemctl.ts";

const WORDS = fc.constantFrom("a", "b", "c");

/** One change of a single setting with the value that the reference gives as its example, or taking it away. */
function examplesBelow(key: string): Change[] {
  const found = explainKey(key);
  if (!found.found) return [];
  const { kind, example, members } = found.explanation;
  if (kind !== "setting")
    return members.flatMap((member) =>
      examplesBelow(key === "" ? member : `${key}.${member === "<name>" ? nameIn(key) : member}`),
    );
  return [
    { key, value: null },
    ...(example === null || example === undefined ? [] : [{ key, value: example }]),
  ];
}

/** Most maps take any name. */
function nameIn(map: string): string {
  const known = new Map([
    ["boot.kernel-parameters", "hugepages"],
    ["boot.init-parameters", '"systemd.log_level"'],
  ]);
  return known.get(map) ?? "one";
}

const EXAMPLES = examplesBelow("").filter(
  ({ key, value }) => parsePatch(unflatten(new Map([[key, value]]))).ok,
);

/** Settings of every group; above all those that change often here, so that rounds meet each other. */
const change: fc.Arbitrary<Change> = fc.oneof(
  fc.record({ key: fc.constant("motd"), value: fc.option(WORDS) }),
  fc.record({ key: fc.constant("network.hostname"), value: fc.option(WORDS) }),
  fc.record({ key: fc.constant("boot.trial-limit"), value: fc.option(fc.constantFrom(600, 700)) }),
  fc.record({ key: fc.constant("api.remote.server-key"), value: fc.constant("SECRET") }),
  fc.record({ key: fc.constant("health.web"), value: fc.constant(null) }),
  { arbitrary: fc.constantFrom(...EXAMPLES), weight: 8 },
);

/** A commit, and whether hostname.service can be restarted then. */
const round = fc.record({
  changes: fc.array(change, { minLength: 1, maxLength: 4 }),
  isBroken: fc.boolean(),
});

async function deedsOf(bench: Bench, act: () => Promise<unknown>): Promise<Deed[]> {
  bench.deeds.length = 0;
  await act();
  return [...bench.deeds];
}

/** The message of a refusal of the database. */
async function refusalOf(act: Promise<unknown>): Promise<string | undefined> {
  try {
    await act;
    return undefined;
  } catch (error) {
    if (error instanceof DatastoreError) return error.message;
    throw error;
  }
}

describe("the plan of a commit", () => {
  it("is tried with settings of every group that does something", () => {
    const concerned = affectedServices(EXAMPLES.map(({ key }) => key));
    expect(concerned).toEqual(SERVICES);
    expect(EXAMPLES.length).toBeGreaterThan(100);
  });

  it("is what commit and apply then really do, also after services failed", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(round, { maxLength: 8 }), async (rounds) => {
        const bench = createBench(createMemoryClock());
        await bench.app.applier.apply(undefined);
        const refusals: [string | undefined, string][] = [];
        for (const { changes, isBroken } of rounds) {
          if (isBroken) bench.broken.add("hostname.service");
          else bench.broken.clear();
          bench.store.stage("t", changes);
          const etag = bench.store.etag();
          const options = {
            tx: "t",
            who: "test",
            ifMatch: etag,
            rollbackOnFailure: false,
            trySeconds: undefined,
          };
          const refused = await refusalOf(planOf(bench.app, "t"));
          if (refused !== undefined) {
            refusals.push([await refusalOf(changeSettings(bench.app, options)), refused]);
            bench.store.drop("t");
            continue;
          }
          const plan = await planOf(bench.app, "t");
          expect(bench.store.etag()).toBe(etag);
          expect(JSON.stringify(plan)).not.toContain("SECRET");
          const planned = plan.services.flatMap(({ files, verb, units }): Deed[] => [
            ...files.map(({ path, action }) => ({ do: action, path })),
            ...(verb === null
              ? []
              : [
                  {
                    do: "systemctl" as const,
                    args: systemctlArguments(verb, units).join(" "),
                  },
                ]),
          ]);
          const before = bench.store.effective();
          let changed: readonly string[] = [];
          const done = await deedsOf(bench, async () => {
            const report = await changeSettings(bench.app, options);
            ({ changed } = report);
            // What is only stored has no service yet.
            const applied = report.services.filter(({ action }) => action !== "stored");
            expect(applied.map(({ name }) => name)).toEqual(plan.services.map(({ name }) => name));
          });
          expect(done).toEqual(planned);
          expect(plan.changes.map(({ key }) => key)).toEqual(changed);
          const after = bench.store.effective();
          for (const { key, secret, old, new: next } of plan.changes.filter((c) => !c.secret)) {
            const inner = key.slice("settings.".length);
            expect([secret, old, next]).toEqual([
              false,
              before.get(inner) ?? null,
              after.get(inner) ?? null,
            ]);
          }
        }
        expect(refusals.filter(([ours, planned]) => ours !== planned)).toEqual([]);
      }),
      { numRuns: 150 },
    );
  });

  it("keeps the order of the registry, whatever the order of the keys", () => {
    const all = SERVICES.map(({ service }) => service.name);
    fc.assert(
      fc.property(fc.shuffledSubarray(["motd", "network", "boot", "api.remote"]), (keys) => {
        const names = affectedServices(keys).map(({ service }) => service.name);
        expect(names).toEqual(all.filter((name) => names.includes(name)));
      }),
    );
  });
});
