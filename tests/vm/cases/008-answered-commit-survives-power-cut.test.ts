import { readdirSync } from "node:fs";
import { mkdir, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { isDeepStrictEqual } from "node:util";
import { Datastore } from "@ballast/datastore";
import { createNodeClock } from "@ballast/system";
import {
  bootsLimitMs,
  cutStates,
  inLab,
  PARTITION,
  readPartition,
  readWriteLog,
  recoverEach,
  replayWrites,
  splitWrites,
  survivors,
} from "@ballast/testkit";
import { expect, test } from "vitest";

/** One commit over several groups. */
const NEW: Readonly<Record<string, unknown>> = {
  motd: "Answered, so kept",
  "network.hostname": "answered",
  'kernel.sysctl."vm.swappiness"': "10",
  "container-runtime.max-concurrent-downloads": 5,
  "dns.search-list": ["answered.test"],
  "health.runtime.unit": "containerd.service",
};
const PATCH = {
  motd: "Answered, so kept",
  network: { hostname: "answered" },
  kernel: { sysctl: { "vm.swappiness": "10" } },
  "container-runtime": { "max-concurrent-downloads": 5 },
  dns: { "search-list": ["answered.test"] },
  health: { runtime: { unit: "containerd.service" } },
};
/** The file system writes what it has in its journal to its places some seconds later. */
const WRITE_BACK_MS = 8000;

/** The disk loses what was not flushed when the plug is pulled, and may have written it in any order. */
test(
  "008 a commit is there as a whole or not at all whenever the power goes, and once it was answered it stays",
  { timeout: bootsLimitMs(4) },
  inLab(async (lab) => {
    const disk = await lab.makeDisk();
    const before = await lab.makeDisk();
    const writeLog = join(lab.directory, "writes.log");
    await writeFile(writeLog, "");
    const size = async (): Promise<number> => (await stat(writeLog)).size;

    const recorded = await lab.boot({ disk: { path: disk, format: "raw" }, writeLog });
    await recorded.healthy();
    const old = await recorded.api.get("/settings");
    await recorded.api.call("PATCH", "/settings", PATCH);
    const begin = await size();
    await recorded.api.call("POST", "/tx/commit");
    const answered = await size();
    await recorded.api.call("POST", "/tx/apply");
    await sleep(WRITE_BACK_MS);
    const end = await size();
    // The plug is pulled in this moment; what the guest still writes while it is judged does not count.
    await recorded.powerCut();

    const log = splitWrites(await readWriteLog(writeLog));
    const requestsUpTo = (bytes: number): number =>
      log.requests.filter(({ dataBytesAt }) => dataBytesAt <= bytes).length;
    const extent = await readPartition(before, PARTITION.state);
    const answeredCount = requestsUpTo(answered);
    const states = cutStates(log, requestsUpTo(begin), requestsUpTo(end), extent);
    const found: ("old" | "new")[] = [];
    const scratch = join(lab.directory, "states");
    await mkdir(scratch);
    const options = { log, before, extent, folder: "settings", directory: scratch };
    const faults = await recoverEach(states, options, (folder, _state, index) => {
      found[index] = judge(folder);
    });
    expect(faults).toEqual([]);
    // What was answered is never lost, whatever else is.
    const lost = states.filter(
      ({ count }, index) => count >= answeredCount && found[index] !== "new",
    );
    expect(lost).toEqual([]);
    const inCommit = states.filter(({ count }) => count < answeredCount).length;
    const news = found.filter((which) => which === "new").length;
    console.log(
      `${states.length} states of STATE, ${inCommit} of them before the answer: ${news} with the new settings, ${found.length - news} with the old`,
    );
    expect(found).toHaveLength(states.length);
    expect(new Set(found)).toEqual(new Set(["old", "new"]));

    // Two for real: the machine starts from the moment of the answer at its worst, and from the middle of the commit.
    const flushed = survivors(log.requests, answeredCount, () => false);
    await replayWrites(log, flushed, before);
    const after = await lab.boot({ disk: { path: before, format: "raw" } });
    await after.healthy();
    expect(await after.api.get("/settings")).toMatchObject(PATCH);
    const whole = { old, new: await after.api.get("/settings") };
    await after.powerCut();

    const at = Math.floor(inCommit / 2);
    const state = states[at];
    if (state === undefined) throw new Error("The commit wrote nothing");
    const torn = await lab.makeDisk();
    await replayWrites(
      log,
      survivors(log.requests, state.count, (place) => state.kept.includes(place)),
      torn,
    );
    const middle = await lab.boot({ disk: { path: torn, format: "raw" } });
    await middle.healthy();
    expect(await middle.api.get("/settings")).toEqual(whole[found[at] ?? "old"]);
  }),
);

/** Opens the database of a recovered STATE as the server does. */
function judge(folder: string): "old" | "new" {
  const [file, ...others] = readdirSync(folder).filter((name) => name.endsWith(".sqlite"));
  if (file === undefined || others.length > 0) throw new Error("There is not one database");
  using store = new Datastore({ file: join(folder, file), clock: createNodeClock() });
  expect(store.state).toEqual({ kind: "opened" });
  expect(store.unusable).toEqual([]);
  const stored = store.values();
  const isNew = Object.entries(NEW).map(([key, value]) =>
    isDeepStrictEqual(stored.get(key)?.value, value),
  );
  expect(new Set(isNew).size, "settings are no mixture").toBe(1);
  const [newest] = store.history();
  const isRecorded = Object.keys(NEW).every((key) =>
    newest?.changes.some((change) => change.key === key),
  );
  // What was staged was answered, too: it waits as long as it is not committed.
  const waiting = store.pending("default").map(({ key }) => key);
  const which = isNew[0] === true ? "new" : "old";
  expect({ isRecorded, waiting: waiting.toSorted() }).toEqual({
    isRecorded: which === "new",
    waiting: which === "new" ? [] : Object.keys(NEW).toSorted(),
  });
  return which;
}
