import { join } from "node:path";
import { dropPages, sealBaseline } from "../baseline-executable.ts";
import type { BenchContext, Group } from "../group.ts";
import { HttpClient } from "../http-client.ts";
import { MEMORY_PARTS, settledMemory, type Memory } from "../private-memory.ts";
import { copyPrograms } from "../product.ts";
import type { Figure, GroupResult } from "../report.ts";
import { startApiServer, startServer } from "../server-process.ts";

/** After so many requests a process is looked at; the last two are the long way. */
const SHORT = 1000;
const LONG = [10_000, 50_000, 100_000];
const EMPTY = "empty executable that listens";

const READS = ["/settings", "/os", "/settings?prefix=network"];
/** Of a hundred requests ten are five commits. */
const READS_BETWEEN_COMMITS = 18;

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
    await new Requests(server.socket).runUntil(SHORT, signal);
    used.push(await settledMemory(server));
    say(`process ${round + 1} of ${repeats.rounds} measured`);
  }
  const later = repeats.isLong ? await measureLong(context, paths.apiserver) : undefined;
  return {
    figures: MEMORY_PARTS.flatMap((part) => {
      const figure = (name: string, values: readonly Memory[]): Figure => ({
        name: `${name}, ${part}`,
        unit: "bytes",
        values: values.map((memoryOf) => memoryOf[part]),
      });
      const baseline = `${EMPTY}, ${part}`;
      const long = LONG.map((requests, index) => {
        const name = `apiserver after ${requests} requests`;
        const memoryThen = later?.[index];
        return memoryThen === undefined
          ? { name: `${name}, ${part}`, notMeasured: "it takes minutes; see --long" }
          : { ...figure(name, [memoryThen]), baseline };
      });
      return [
        figure(EMPTY, listening),
        { ...figure("apiserver after its start", started), baseline },
        { ...figure(`apiserver after ${SHORT} requests`, used), baseline },
        ...long,
      ];
    }),
    notes: [
      "smaps_rollup on the host, outside the guest's units. Dirty: Private_Dirty, what the process itself wrote. Private: with Private_Clean, which is mostly pages of the executable and counts only as long as no second process of it runs.",
      `Requests: of 100 there are 90 reads (${READS.join(", ")}) and 5 commits, each a PATCH and a POST, one after the other.`,
    ],
  };
}

/** One process over a long time: does it grow? */
async function measureLong(
  { scratch, signal, say }: BenchContext,
  apiserver: string,
): Promise<Memory[]> {
  await using server = await startApiServer(apiserver, join(scratch, "api-long"), signal);
  const requests = new Requests(server.socket);
  const measured: Memory[] = [];
  for (const count of LONG) {
    await requests.runUntil(count, signal);
    measured.push(await settledMemory(server));
    say(`memory after ${count} requests measured`);
  }
  return measured;
}

class Requests {
  readonly #socket: string;
  #count = 0;
  #commits = 0;

  constructor(socket: string) {
    this.#socket = socket;
  }

  async runUntil(count: number, signal: AbortSignal): Promise<void> {
    using client = await HttpClient.connect(this.#socket);
    while (this.#count < count) {
      signal.throwIfAborted();
      for (let read = 0; read < READS_BETWEEN_COMMITS; read += 1)
        await client.exchange("GET", READS[read % READS.length] ?? "");
      this.#commits += 1;
      const body = JSON.stringify({ motd: `Message ${this.#commits}` });
      await client.exchange("PATCH", "/settings", body);
      await client.exchange("POST", "/tx/commit");
      this.#count += READS_BETWEEN_COMMITS + 2;
    }
  }
}
