import { join } from "node:path";
import { convertImage } from "@ballast/vm";
import { execaSync } from "execa";
import { dropPages, sealBaseline } from "../baseline-executable.ts";
import { BenchError } from "../bench-error.ts";
import type { BenchContext, Group } from "../group.ts";
import { copyPrograms, imageFile } from "../product.ts";
import type { Figure, GroupResult } from "../report.ts";

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

async function measureStarts({
  scratch,
  repeats,
  signal,
  say,
}: BenchContext): Promise<GroupResult> {
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
  return {
    figures: [...figuresOf(warm, "warm"), ...figuresOf(cold, "cold")],
    notes: [
      '"true" is what starting and waiting costs here without any program; it is in all the others, too.',
      "Cold: the executable's pages were dropped, those of the C library and of the program's own input were not.",
    ],
  };
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
