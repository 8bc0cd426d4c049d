import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Datastore } from "@ballast/datastore";
import { createNodeClock } from "@ballast/system";
import { convertImage } from "@ballast/vm";
import { execaSync } from "execa";
import { dropPages, sealBaseline } from "../baseline-executable.ts";
import { BenchError } from "../bench-error.ts";
import type { BenchContext, Group } from "../group.ts";
import { HttpClient } from "../http-client.ts";
import { copyPrograms, imageFile } from "../product.ts";
import type { Figure, GroupResult } from "../report.ts";
import { startApiServer, startServer, type ServerProcess } from "../server-process.ts";

interface Start {
  readonly name: string;
  readonly file: string;
  readonly args: readonly string[];
  /** The executable whose pages are dropped before a cold start. */
  readonly executable: string;
}

const EMPTY = "empty executable";

/** How long the programs take from the start of the process to its end. */
export const start: Group = {
  name: "start",
  does: "start of each program, warm and cold",
  run: measureStarts,
};

async function measureStarts(context: BenchContext): Promise<GroupResult> {
  const { scratch, repeats, signal, say } = context;
  say("preparing the executables");
  const { executable, paths } = await copyPrograms(join(scratch, "product"));
  const empty = await sealBaseline("empty", join(scratch, "baseline"));
  const disk = join(scratch, "disk.raw");
  await convertImage(await imageFile("ballast.qcow2"), disk, "raw");
  const starts: readonly Start[] = [
    { name: EMPTY, file: empty, args: [], executable: empty },
    { name: "signpost --version", file: paths.signpost, args: ["--version"], executable },
    {
      name: "signpost status --device",
      file: paths.signpost,
      args: ["status", "--device", disk],
      executable,
    },
    {
      name: "migrator run, nothing to do",
      file: paths.migrator,
      args: ["run", "--root", settledRoot(join(scratch, "settled"))],
      executable,
    },
    {
      name: "migrator shadow, after a commit",
      file: paths.migrator,
      args: ["shadow", "--root", updatedRoot(join(scratch, "updated"))],
      executable,
    },
    { name: "apiclient --version", file: paths.apiclient, args: ["--version"], executable },
    { name: "apiserver --version", file: paths.apiserver, args: ["--version"], executable },
  ];
  const nothing = { name: "true", file: "/usr/bin/true", args: [], executable: "" };
  for (const item of [nothing, ...starts]) runMs(item);
  const warm = new Map<Start, number[]>();
  const cold = new Map<Start, number[]>();
  // In turn instead of one after the other: what else the machine does then meets all of them alike.
  for (let round = 0; round < repeats.starts; round += 1) {
    signal.throwIfAborted();
    for (const item of [nothing, ...starts]) append(warm, item, runMs(item));
  }
  say(`${repeats.starts} warm starts of each program measured`);
  const coldRounds = Math.ceil(repeats.starts / 4);
  for (let round = 0; round < coldRounds; round += 1) {
    signal.throwIfAborted();
    for (const item of starts) {
      await dropPages(item.executable);
      append(cold, item, runMs(item));
    }
  }
  say(`${coldRounds} cold starts of each program measured`);
  const answers = await measureFirstAnswers(context, paths.apiserver);
  return {
    figures: [...figuresOf(warm, "warm"), ...figuresOf(cold, "cold"), ...answers],
    notes: [
      '"true" is what starting and waiting costs here without any program; it is in all the others, too.',
      "Cold: the executable's pages were dropped, those of the C library and of the program's own input were not.",
    ],
  };
}

/** A machine that has its settings, as at nearly every boot. */
function settledRoot(root: string): string {
  const settings = join(root, "var/lib/ballast/settings");
  const store = new Datastore({ file: join(settings, "2.0.0.sqlite"), clock: createNodeClock() });
  store.stage("default", [{ key: "motd", value: "bench" }]);
  store.commit("default", { who: "bench", source: "api" });
  store.close();
  mkdirSync(join(root, "usr/lib"), { recursive: true });
  writeFileSync(join(root, "usr/lib/os-release"), "VERSION_ID=2.0.0\n");
  return root;
}

/** The same with an older version in the other slot. */
function updatedRoot(root: string): string {
  const ran = JSON.stringify({ version: "2.0.0", other: "1.0.0" });
  writeFileSync(join(settledRoot(root), "var/lib/ballast/settings/last-run.json"), ran);
  return root;
}

/** Servers from the call to their first answer, warm. */
async function measureFirstAnswers(
  { scratch, repeats, signal, say }: BenchContext,
  apiserver: string,
): Promise<Figure[]> {
  const plain = await sealBaseline("http-server", join(scratch, "baseline"));
  const bases: number[] = [];
  const ours: number[] = [];
  for (let round = 0; round < repeats.starts; round += 1) {
    const socket = join(scratch, `plain-${round}.sock`);
    bases.push(await firstAnswerMs(() => startServer(plain, [socket], socket, signal)));
    // A root of its own: the database is made anew each time.
    const root = join(scratch, `api-${round}`);
    ours.push(await firstAnswerMs(() => startApiServer(apiserver, root, signal)));
  }
  say(`${repeats.starts} first answers of each server measured`);
  const base = "plain server until its first answer";
  return [
    { name: base, unit: "ms", values: bases },
    { name: "apiserver until its first answer", unit: "ms", values: ours, baseline: base },
  ];
}

async function firstAnswerMs(launch: () => Promise<ServerProcess>): Promise<number> {
  await using server = await launch();
  const connectedMs = performance.now();
  using client = await HttpClient.connect(server.socket);
  await client.exchange("GET", "/os");
  return server.startMs + performance.now() - connectedMs;
}

/** From the call to the end of the process, with nothing of its output. */
function runMs({ file, args }: Start): number {
  const startedMs = performance.now();
  const result = execaSync(file, args, { stdio: "ignore", reject: false, timeout: 60_000 });
  const elapsedMs = performance.now() - startedMs;
  if (result.failed)
    throw new BenchError(
      "bench.tool",
      `Cannot measure "${file} ${args.join(" ")}": ${result.shortMessage}`,
    );
  return elapsedMs;
}

function append(map: Map<Start, number[]>, key: Start, value: number): void {
  map.set(key, [...(map.get(key) ?? []), value]);
}

function figuresOf(map: ReadonlyMap<Start, readonly number[]>, state: "warm" | "cold"): Figure[] {
  return [...map].map(([{ name, executable }, values]) => ({
    name: `${name}, ${state}`,
    unit: "ms",
    values,
    ...(name === EMPTY || executable === "" ? {} : { baseline: `${EMPTY}, ${state}` }),
  }));
}
