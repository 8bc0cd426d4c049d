import { open } from "node:fs/promises";
import { join } from "node:path";
import { sealBaseline } from "../baseline-executable.ts";
import type { BenchContext, Group } from "../group.ts";
import { HttpClient } from "../http-client.ts";
import { copyPrograms } from "../product.ts";
import type { Figure, GroupResult } from "../report.ts";
import { startApiServer, startServer } from "../server-process.ts";
import { median, quantile } from "../statistics.ts";

interface Operation {
  readonly name: string;
  /** Done one after the other in each round, for the latency. */
  readonly single: number;
  /** Done over all connections together in each round, for the rate; 0 where they would wait for each other. */
  readonly parallel: number;
  run(client: HttpClient, count: number): Promise<void>;
}

const CONNECTIONS = 8;
const WARM_UP = 100;
const SYNCS = 50;
const SYNC = "4 KiB written and removed, each synced,";

const OPERATIONS: readonly Operation[] = [
  {
    name: "GET /os",
    single: 500,
    parallel: 2000,
    run: (client) => client.exchange("GET", "/os"),
  },
  {
    name: "GET /settings",
    single: 500,
    parallel: 2000,
    run: (client) => client.exchange("GET", "/settings"),
  },
  {
    name: "PATCH and commit",
    single: 50,
    parallel: 0,
    run: async (client, count) => {
      await client.exchange("PATCH", "/settings", JSON.stringify({ motd: `Message ${count}` }));
      await client.exchange("POST", "/tx/commit");
    },
  },
];

/** Latency and rate of the API over the unix socket. */
export const api: Group = {
  name: "api",
  does: "latency and rate of the API over its unix socket",
  run: measureApi,
};

async function measureApi({ scratch, repeats, signal, say }: BenchContext): Promise<GroupResult> {
  say("preparing the executables");
  const { paths } = await copyPrograms(join(scratch, "product"));
  const plain = await sealBaseline("http-server", join(scratch, "baseline"));
  const plainSocket = join(scratch, "plain.sock");
  await using base = await startServer(plain, [plainSocket], plainSocket, signal);
  await using ours = await startApiServer(paths.apiserver, scratch, signal);
  const sides = [new Side("plain server", base.socket), new Side("apiserver", ours.socket)];
  const synced: number[] = [];
  for (const side of sides) await side.warmUp();
  for (let round = 0; round < repeats.rounds; round += 1) {
    for (const operation of OPERATIONS)
      for (const side of sides) {
        signal.throwIfAborted();
        await side.measure(operation);
      }
    // Right after the commits, for what else writes to the disk changes both.
    synced.push(await syncMs(join(scratch, "synced")));
    say(`round ${round + 1} of ${repeats.rounds} measured`);
  }
  return {
    figures: [
      ...OPERATIONS.flatMap((operation) => sides.flatMap((side) => side.figures(operation))),
      { name: `${SYNC} p50`, unit: "ms", values: synced },
    ],
    notes: [
      "Each value is one round; client and server share the processors.",
      `Latency: one connection, one request at a time (${OPERATIONS.map(({ name, single }) => `${single} × ${name}`).join(", ")}). Rate, and p99 under load: ${CONNECTIONS} connections.`,
      "The plain server is node:http under the same flags, answers everything with 211 bytes and stores nothing; a commit of the apiserver ends on the disk, whose own share the last row tells.",
    ],
  };
}

/** What the disk itself takes for the least that a commit with a rollback journal can be. */
async function syncMs(path: string): Promise<number> {
  await using file = await open(path, "w");
  const page = Buffer.alloc(4096, 1);
  const values: number[] = [];
  for (let count = 0; count < SYNCS; count += 1) {
    const startedMs = performance.now();
    await file.write(page, 0, page.length, 0);
    await file.sync();
    await file.truncate(0);
    await file.sync();
    values.push(performance.now() - startedMs);
  }
  return median(values);
}

class Side {
  readonly name: string;
  readonly #socket: string;
  readonly #values = new Map<string, number[]>();
  #count = 0;

  constructor(name: string, socket: string) {
    this.name = name;
    this.#socket = socket;
  }

  async warmUp(): Promise<void> {
    using client = await HttpClient.connect(this.#socket);
    for (const operation of OPERATIONS)
      for (let count = 0; count < Math.min(WARM_UP, operation.single); count += 1)
        await this.#once(operation, client);
  }

  async measure(operation: Operation): Promise<void> {
    using client = await HttpClient.connect(this.#socket);
    const latenciesMs: number[] = [];
    for (let count = 0; count < operation.single; count += 1)
      latenciesMs.push(await this.#onceMs(operation, client));
    this.#append(`${operation.name} p50`, quantile(latenciesMs, 0.5));
    this.#append(`${operation.name} p99`, quantile(latenciesMs, 0.99));
    if (operation.parallel === 0) return;
    const { ratePerSecond, p99Ms } = await this.#inParallel(operation);
    this.#append(`${operation.name} rate`, ratePerSecond);
    this.#append(`${operation.name} p99 under load`, p99Ms);
  }

  figures(operation: Operation): Figure[] {
    const isBase = this.name === "plain server";
    return [...this.#values]
      .filter(([key]) => key.startsWith(`${operation.name} `))
      .map(([key, values]) => ({
        name: `${key}, ${this.name}`,
        unit: key.endsWith("rate") ? ("per second" as const) : ("ms" as const),
        values,
        ...(isBase ? {} : { baseline: `${key}, plain server` }),
      }));
  }

  async #inParallel(operation: Operation): Promise<{ ratePerSecond: number; p99Ms: number }> {
    using stack = new DisposableStack();
    const clients: HttpClient[] = [];
    for (let count = 0; count < CONNECTIONS; count += 1)
      clients.push(stack.use(await HttpClient.connect(this.#socket)));
    let left = operation.parallel;
    const latenciesMs: number[] = [];
    const startedMs = performance.now();
    await Promise.all(
      clients.map(async (client) => {
        while (left > 0) {
          left -= 1;
          latenciesMs.push(await this.#onceMs(operation, client));
        }
      }),
    );
    const ratePerSecond = (operation.parallel / (performance.now() - startedMs)) * 1000;
    return { ratePerSecond, p99Ms: quantile(latenciesMs, 0.99) };
  }

  async #onceMs(operation: Operation, client: HttpClient): Promise<number> {
    const startedMs = performance.now();
    await this.#once(operation, client);
    return performance.now() - startedMs;
  }

  async #once(operation: Operation, client: HttpClient): Promise<void> {
    this.#count += 1;
    await operation.run(client, this.#count);
  }

  #append(key: string, value: number): void {
    this.#values.set(key, [...(this.#values.get(key) ?? []), value]);
  }
}
