import { createMemoryClock } from "@ballast/system";
import { createLog } from "@ballast/service";
import { MANIFEST_TARGET, parseManifest } from "@ballast/updates";
import { readFileSync } from "node:fs";
import { refresh } from "../repository.fixture.ts";
import { signpostOn } from "./signpost.fixture.ts";
import { createVolatileDisk } from "./volatile-disk.fixture.ts";
import { writeSlot, type SlotWrite } from "./write-slot.ts";

/** What the test hands over in a file. */
export interface PowerCut extends Pick<SlotWrite, "destinations"> {
  readonly url: string;
  readonly trustedRoot: string;
  readonly folder: string;
  readonly table: string;
  readonly version: string;
  readonly own: SlotWrite["destinations"];
  readonly ownVersion: string;
  /** Before which step it ends, from 1 on; 0: it runs to its end. */
  readonly killAt: number;
}

const [, , path = ""] = process.argv;
const plan: PowerCut = JSON.parse(readFileSync(path, "utf8"));
let steps = 0;
let random = plan.killAt;

/** Not a good one, but the same each time. */
function nextRandom(): number {
  random = (random * 48_271) % 2_147_483_647;
  return random / 2_147_483_647;
}

function step(): void {
  steps += 1;
  if (steps !== plan.killAt) return;
  disk.cutPower(nextRandom);
  process.kill(process.pid, "SIGKILL");
  // The signal comes at once, but to be sure that nothing follows.
  for (;;);
}

const disk = createVolatileDisk(step);
const asyncStep = async (): Promise<void> => {
  step();
};

async function main(): Promise<void> {
  await using snapshot = await refresh({ ...plan, url: new URL(plan.url) });
  const { releases } = parseManifest(
    (await snapshot.read(MANIFEST_TARGET, 1024 * 1024)).toString(),
  );
  const release = releases.find(({ version }) => version === plan.version);
  const running = releases.find(({ version }) => version === plan.ownVersion);
  if (release === undefined || running === undefined) throw new Error("there is no such release");
  await writeSlot(
    {
      exec: signpostOn(plan.table, asyncStep, asyncStep),
      log: createLog({ write: () => undefined, journal: false }),
      clock: createMemoryClock(),
      signal: new AbortController().signal,
    },
    {
      ...{ snapshot, release, destinations: plan.destinations, open: disk.open },
      running: { release: running, places: plan.own },
      maxBytesPerSecond: undefined,
      onProgress: () => undefined,
    },
  );
  process.stdout.write(`${steps}`);
}

void main();
