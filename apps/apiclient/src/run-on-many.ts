import { createApiClient, type ApiClient } from "@ballast/api-client";
import {
  BallastError,
  describeErrorWithCode,
  EXIT,
  UsageError,
  type ExitCode,
} from "@ballast/errors";
import type { ProgramContext } from "@ballast/service";
import type { ApiCommand } from "./command.ts";
import { targetOf } from "./connect.ts";
import type { Place } from "./contexts/choose-place.ts";
import { createPaint } from "./paint.ts";

/** Commands that change nothing and come to an end by themselves. */
const READING = ["get", "get-uri", "explain", "health", "slots", "history", "logs", "containers"];

/** From the best to the worst that can become of a call. */
const WORSE: readonly number[] = [
  EXIT.ok,
  EXIT.tryAgain,
  EXIT.failed,
  EXIT.unavailable,
  EXIT.badData,
  EXIT.usage,
  EXIT.noPermission,
  EXIT.badConfig,
  EXIT.bug,
] satisfies ExitCode[];

type RunOne = (context: ProgramContext, client: ApiClient, command: ApiCommand) => Promise<number>;

interface Told {
  readonly name: string;
  readonly output: string;
  readonly exitCode: number;
  readonly error?: BallastError;
}

/**
 * Asks all machines at once and tells their answers one below the other, in the order in which they were named. Resolves
 * with the exit code of the worst; a machine that fails does not keep the others' answers away.
 */
export async function runOnMany(
  context: ProgramContext,
  places: readonly Place[],
  command: ApiCommand,
  runOne: RunOne,
): Promise<number> {
  refuseOthers(command);
  const isJson = "json" in command && command.json;
  const all = await Promise.all(places.map((place) => ask(context, place, command, runOne)));
  for (const told of all) {
    if (told.error !== undefined)
      context.stderr(`apiclient: ${told.name}: ${describeErrorWithCode(told.error)}\n`);
    if (isJson) await context.stdout(jsonLines(told));
    else if (told.output !== "") await context.stdout(headed(context, told));
  }
  return all.map(({ exitCode }) => exitCode).reduce(worse, EXIT.ok);
}

function refuseOthers(command: ApiCommand): void {
  const isStatus = command.do === "update" && command.verb === "status" && !command.watch;
  const isReport = command.do === "report" && command.verb !== "logs";
  const isEndless = command.do === "logs" && command.follow;
  if ((READING.includes(command.do) || isStatus || isReport) && !isEndless) return;
  throw new UsageError(
    `Cannot run apiclient ${command.do} on several machines: it is for one at a time`,
    "Several can be read from: get, explain, health, slots, history, logs without --follow, containers, update status, report cis.",
  );
}

async function ask(
  context: ProgramContext,
  place: Place,
  command: ApiCommand,
  runOne: RunOne,
): Promise<Told> {
  const name = place.kind === "remote" ? (place.context ?? place.remote) : place.path;
  let output = "";
  const stdout = async (text: string): Promise<void> => {
    output += text;
  };
  try {
    const client = createApiClient(targetOf(place));
    const exitCode = await runOne({ ...context, stdout }, client, command);
    return { name, output, exitCode };
  } catch (error) {
    context.signal.throwIfAborted();
    if (!(error instanceof BallastError)) throw error;
    return { name, output, exitCode: error.exitCode, error };
  }
}

function headed(context: ProgramContext, { name, output }: Told): string {
  return `${createPaint(context)("strong", `== ${name}`)}\n${output}`;
}

/** One object a line: what a machine answered, or why it did not. */
function jsonLines({ name, output, error }: Told): string {
  const answers = output.split("\n").filter((line) => line !== "");
  const failure =
    error === undefined
      ? []
      : [JSON.stringify({ context: name, error: { code: error.code, message: error.message } })];
  return [
    ...answers.map((line) => `{"context":${JSON.stringify(name)},"answer":${line}}`),
    ...failure,
  ]
    .map((line) => `${line}\n`)
    .join("");
}

function worse(one: number, two: number): number {
  return WORSE.indexOf(two) > WORSE.indexOf(one) ? two : one;
}
