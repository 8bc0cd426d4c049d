import type { BenchContext, Group } from "../group.ts";
import { settleFile } from "../baseline-executable.ts";
import { BenchError } from "../bench-error.ts";
import { ContainersMachine } from "../containers-machine.ts";
import { MEMORY_PARTS, settledMemory, type Memory } from "../private-memory.ts";
import type { Figure, GroupResult } from "../report.ts";

const PORT = 8080;
const MANY = 20;
const RUN = "ctr run --net-host, until it answers";
const PULL_AND_RUN = "ctr images pull, ctr run --net-host, until it answers";
const RUN_MANY = `${MANY} × ctr run, one after the other`;

/** Containers of the settings against the least that a container of the same image can be. */
export const containers: Group = {
  name: "containers",
  does: "from the settings' file to a container that answers",
  run: measureContainers,
};

async function measureContainers({
  scratch,
  repeats,
  signal,
  say,
}: BenchContext): Promise<GroupResult> {
  if (process.getuid?.() !== 0)
    throw new BenchError("bench.tool", "Cannot measure containers: control groups are root's");
  say("preparing the lab");
  await using machine = await ContainersMachine.start(scratch);
  const { lab, image } = machine;
  // What is not on the disk yet would count as written by the process.
  await settleFile(lab.path("root/usr/bin/ballast"));
  const manager = lab.namespaces.start(["/usr/bin/host-containers", "run"]);
  await manager.waitFor("is running", 20_000);
  const memoryOf = async (): Promise<Memory> => settledMemory({ processId: await manager.pid() });
  const values = {
    ran: [] as number[],
    set: [] as number[],
    steps: [] as number[],
    pulledAndRan: [] as number[],
    setUnpulled: [] as number[],
    ranMany: [] as number[],
    setMany: [] as number[],
  };
  const run = (name: string, port: number) =>
    machine.ctr("run", "-d", "--net-host", image, name, "/probe", "serve", String(port), name);
  const remove = (name: string) =>
    machine.ctr("tasks", "rm", "-f", name).then(() => machine.ctr("containers", "rm", name));
  const served = { web: { image, args: ["serve", "80", "web"], ports: [`${PORT}:80`] } };
  const setAndAnswer = async () => {
    await machine.want(served);
    await machine.answers(PORT);
  };
  const clear = async () => {
    await machine.want({});
    await machine.isEmpty();
  };
  // What is done once in the life of a machine is no part of a start.
  await setAndAnswer();
  const memoryOfOne = await memoryOf();
  await clear();
  for (let round = 0; round < repeats.rounds; round += 1) {
    signal.throwIfAborted();
    values.ran.push(await timed(() => run("plain", PORT).then(() => machine.answers(PORT))));
    await remove("plain");
    const said = manager.output().length;
    values.set.push(await timed(setAndAnswer));
    values.steps.push(timesIn(manager.output().slice(said)));
    await clear();
    await machine.forgetImage();
    values.pulledAndRan.push(
      await timed(async () => {
        await machine.pull();
        await run("plain", PORT);
        await machine.answers(PORT);
      }),
    );
    await remove("plain");
    await machine.forgetImage();
    values.setUnpulled.push(await timed(setAndAnswer));
    await clear();
    say(`round ${round + 1} of ${repeats.rounds} measured`);
  }
  const names = Array.from({ length: MANY }, (_, index) => `many${index}`);
  values.ranMany.push(
    await timed(async () => {
      for (const [index, name] of names.entries()) await run(name, PORT + index);
    }),
  );
  for (const name of names) await remove(name);
  values.setMany.push(
    await timed(async () => {
      await machine.want(Object.fromEntries(names.map((name) => [name, { image }])));
      await machine.runs(2 * MANY);
    }),
  );
  const memoryOfMany = await memoryOf();
  await clear();
  await manager.end("SIGTERM");
  const ms = (name: string, all: readonly number[], baseline?: string): Figure => ({
    ...{ name, unit: "ms", values: all },
    ...(baseline === undefined ? {} : { baseline }),
  });
  return {
    figures: [
      ms(RUN, values.ran),
      ms("settings to the first answer", values.set, RUN),
      ms("of which in calls of containerd", values.steps, RUN),
      ms(PULL_AND_RUN, values.pulledAndRan),
      ms("settings to the first answer, image not here", values.setUnpulled, PULL_AND_RUN),
      ms(RUN_MANY, values.ranMany),
      ms(`settings to ${MANY} that run`, values.setMany, RUN_MANY),
      ...MEMORY_PARTS.flatMap((part): Figure[] => [
        { name: `manager with 1, ${part}`, unit: "bytes", values: [memoryOfOne[part]] },
        { name: `manager with ${MANY}, ${part}`, unit: "bytes", values: [memoryOfMany[part]] },
      ]),
    ],
    notes: [
      "In a lab of testkit: root of the image, its containerd, manager and network plugins, kernel of this machine.",
      "ctr run --net-host makes neither network nor log nor sandbox; a container of the settings has its own network, a published port, a resolver, and what holds its namespaces. Each call of ctr enters the lab first, some 20 ms.",
    ],
  };
}

async function timed(act: () => Promise<unknown>): Promise<number> {
  const startedMs = performance.now();
  await act();
  return performance.now() - startedMs;
}

/** All that steps took, by what the manager says. */
function timesIn(log: string): number {
  const times = [...log.matchAll(/ took_ms=(\d+)/g)].map(([, ms]) => Number(ms));
  return times.reduce((sum, ms) => sum + ms, 0);
}
