import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { dropPages, sealBaseline } from "../baseline-executable.ts";
import { BenchError } from "../bench-error.ts";
import type { BenchContext, Group } from "../group.ts";
import { HttpClient } from "../http-client.ts";
import { copyPrograms } from "../product.ts";
import type { GroupResult } from "../report.ts";
import { startApiServer, startServer, type ServerProcess } from "../server-process.ts";

const REQUESTS = 1000;
/** What a process allocates late in its start shall be counted. */
const SETTLE_MS = 500;
const EMPTY = "empty executable that listens";

const PARTS = ["dirty", "private"] as const;
type Memory = Readonly<Record<(typeof PARTS)[number], number>>;

/** Private memory of the programs that stay. */
export const memory: Group = {
  name: "memory",
  does: "private memory of each resident program",
  run: measureMemory,
};

async function measureMemory(context: BenchContext): Promise<GroupResult> {
  const { scratch, repeats, signal, say } = context;
  say("preparing the executables");
  const { executable, paths } = await copyPrograms(join(scratch, "product"));
  const listener = await sealBaseline("listener", join(scratch, "baseline"));
  const listening: Memory[] = [];
  const started: Memory[] = [];
  const used: Memory[] = [];
  for (let round = 0; round < repeats.rounds; round += 1) {
    // How much of a file is mapped at once depends on how the page cache holds it: both begin without.
    for (const file of [listener, executable]) await dropPages(file);
    {
      await using server = await startServer(
        listener,
        [join(scratch, `listener-${round}.sock`)],
        join(scratch, `listener-${round}.sock`),
        signal,
      );
      listening.push(await settledMemory(server));
    }
    await using server = await startApiServer(
      paths.apiserver,
      join(scratch, `api-${round}`),
      signal,
    );
    started.push(await settledMemory(server));
    await request(server);
    used.push(await settledMemory(server));
    say(`process ${round + 1} of ${repeats.rounds} measured`);
  }
  return {
    figures: PARTS.flatMap((part) => {
      const figure = (name: string, values: readonly Memory[]) => ({
        name: `${name}, ${part}`,
        unit: "bytes" as const,
        values: values.map((memoryOf) => memoryOf[part]),
      });
      const baseline = `${EMPTY}, ${part}`;
      return [
        figure(EMPTY, listening),
        { ...figure("apiserver after its start", started), baseline },
        { ...figure(`apiserver after ${REQUESTS} requests`, used), baseline },
      ];
    }),
    notes: [
      "smaps_rollup on the host, outside the guest's units. Dirty: Private_Dirty, what the process itself wrote. Private: with Private_Clean, which is mostly pages of the executable and counts only as long as no second process of it runs.",
    ],
  };
}

async function request(server: ServerProcess): Promise<void> {
  using client = await HttpClient.connect(server.socket);
  for (let count = 0; count < REQUESTS; count += 2) {
    await client.exchange("GET", "/os");
    await client.exchange("GET", "/settings");
  }
}

async function settledMemory({ processId }: ServerProcess): Promise<Memory> {
  await sleep(SETTLE_MS);
  const text = await readFile(`/proc/${processId}/smaps_rollup`, "utf8");
  const bytesOf = (field: string): number => {
    const kibibytes = new RegExp(`^${field}:\\s+(\\d+) kB$`, "m").exec(text)?.[1];
    if (kibibytes === undefined)
      throw new BenchError("bench.tool", `Cannot read ${field} of process ${processId}`);
    return Number(kibibytes) * 1024;
  };
  const dirty = bytesOf("Private_Dirty");
  return { dirty, private: dirty + bytesOf("Private_Clean") };
}
