import { writeFile, mkdir } from "node:fs/promises";
import { loadavg } from "node:os";
import { join } from "node:path";
import { BallastError, describeError, EXIT } from "@ballast/errors";
import type { Program, ProgramContext } from "@ballast/service";
import { makeScratchDir } from "@ballast/vm";
import { helpText, parseCommand, type Command } from "./cli.ts";
import type { Group } from "./group.ts";
import { groups } from "./groups/index.ts";
import { readMachineFacts } from "./machine-facts.ts";
import { summarizeFigures, type GroupReport, type GroupResult, type Report } from "./report.ts";
import { formatGroup } from "./table.ts";

type RunCommand = Extract<Command, { kind: "run" }>;

/** `npm run bench`. */
export const program: Program = {
  name: "npm run bench",
  async run(context) {
    const command = parseCommand(
      context.args,
      groups.map(({ name }) => name),
    );
    if (command.kind === "help") {
      await context.stdout(helpText(groups));
      return EXIT.ok;
    }
    const report = await measure(command, context);
    const json = `${JSON.stringify(report, undefined, 2)}\n`;
    if (command.outFile !== undefined) await writeFile(command.outFile, json);
    if (command.isJson) await context.stdout(json);
    return report.groups.some(({ failure }) => failure !== undefined) ? EXIT.failed : EXIT.ok;
  },
};

/** Runs the groups one after the other; each is printed as soon as it is measured. */
async function measure(command: RunCommand, context: ProgramContext): Promise<Report> {
  const startedAt = new Date().toISOString();
  const machine = await readMachineFacts();
  if (!command.isJson)
    await context.stdout(
      `${machine.processors} × ${machine.processorModel}, Linux ${machine.kernel}, Node ${machine.node}, guests under ${machine.accelerator}\n\n`,
    );
  using scratch = makeScratchDir();
  const reports: GroupReport[] = [];
  for (const group of groups) {
    if (command.only?.includes(group.name) === false) continue;
    const report = await measureGroup(group, command, context, join(scratch.path, group.name));
    if (!command.isJson) await context.stdout(`${formatGroup(report)}\n`);
    reports.push(report);
  }
  return { startedAt, machine, groups: reports };
}

async function measureGroup(
  group: Group,
  command: RunCommand,
  { signal, stderr }: ProgramContext,
  scratch: string,
): Promise<GroupReport> {
  const loadBefore = loadavg()[0] ?? 0;
  const startedMs = performance.now();
  const say = (sentence: string): void => {
    stderr(`${group.name}: ${sentence}\n`);
  };
  let result: GroupResult = { figures: [], notes: [] };
  let failure: string | undefined;
  try {
    await mkdir(scratch);
    result = await group.run({ ...command, scratch, signal, say });
  } catch (error) {
    signal.throwIfAborted();
    // One group that cannot be measured does not take the others along; anything else is a bug.
    if (!(error instanceof BallastError)) throw error;
    failure = describeError(error);
    say(failure);
  }
  return {
    name: group.name,
    does: group.does,
    loadBefore,
    seconds: (performance.now() - startedMs) / 1000,
    figures: summarizeFigures(result.figures),
    notes: result.notes,
    ...(failure === undefined ? {} : { failure }),
  };
}
