import { BallastError, EXIT, UsageError } from "@ballast/errors";
import { createLog, type ProgramContext } from "@ballast/service";
import { describe, expect, it } from "vitest";
import { parseCommand } from "./cli.ts";
import type { ApiCommand } from "./command.ts";
import { runOnMany } from "./run-on-many.ts";

const PLACES = ["a", "b", "c"].map((path) => ({ kind: "socket", path }) as const);

function commandOf(...args: string[]): ApiCommand {
  const command = parseCommand(args);
  if (command.do !== "call") throw new Error("It calls no machine");
  return command.command;
}

/** Runs with what becomes of each machine, in their order: a text and an exit code, or an error. */
async function outcome(
  command: ApiCommand,
  fates: readonly (readonly [string, number] | BallastError)[],
) {
  let [stdout, stderr, next] = ["", "", 0];
  const context: ProgramContext = {
    args: [],
    env: {},
    stdout: async (text) => {
      stdout += text;
    },
    stderr: (text) => {
      stderr += text;
    },
    stdin: async () => "",
    isTerminal: false,
    log: createLog({ write: () => undefined, journal: false }),
    signal: new AbortController().signal,
  };
  const exitCode = await runOnMany(context, PLACES, command, async (own) => {
    const fate = fates[next] ?? ["", EXIT.ok];
    next += 1;
    if (fate instanceof BallastError) throw fate;
    await own.stdout(fate[0]);
    return fate[1];
  });
  return { exitCode, stdout, stderr };
}

const GONE = new BallastError("x.gone", "Cannot reach it", {
  hint: "Look.",
  exitCode: EXIT.unavailable,
});

describe("runOnMany()", () => {
  it("tells each answer below the machine's name, and every error, with the exit code of the worst", async () => {
    const fates = [["healthy\n", EXIT.ok] as const, GONE, ["degraded\n", EXIT.failed] as const];
    expect(await outcome(commandOf("health"), fates)).toEqual({
      exitCode: EXIT.unavailable,
      stdout: "== a\nhealthy\n== c\ndegraded\n",
      stderr: "apiclient: b: Cannot reach it [x.gone]\nLook.\n",
    });
  });

  it("tells one JSON object a line", async () => {
    const fates = [['{"x":1}\n', EXIT.ok] as const, GONE, ["[]\n[2]\n", EXIT.tryAgain] as const];
    const { stdout, exitCode } = await outcome(commandOf("slots", "--json"), fates);
    expect(exitCode).toBe(EXIT.unavailable);
    expect(
      stdout
        .trim()
        .split("\n")
        .map((line): unknown => JSON.parse(line)),
    ).toEqual([
      { context: "a", answer: { x: 1 } },
      { context: "b", error: { code: "x.gone", message: "Cannot reach it" } },
      { context: "c", answer: [] },
      { context: "c", answer: [2] },
    ]);
  });

  it.each([
    [[EXIT.ok, EXIT.ok, EXIT.ok], EXIT.ok],
    [[EXIT.tryAgain, EXIT.failed, EXIT.ok], EXIT.failed],
    [[EXIT.ok, EXIT.tryAgain, EXIT.ok], EXIT.tryAgain],
    [[EXIT.failed, EXIT.noPermission, EXIT.unavailable], EXIT.noPermission],
  ])("of %j the worst is %i", async (codes, worst) => {
    const fates = codes.map((code) => ["", code] as const);
    expect((await outcome(commandOf("health"), fates)).exitCode).toBe(worst);
  });

  it.each([
    [["get"], true],
    [["get", "/boot"], true],
    [["explain", "motd"], true],
    [["slots"], true],
    [["history"], true],
    [["logs", "-n", "5"], true],
    [["containers"], true],
    [["update", "status"], true],
    [["update", "status", "--watch"], false],
    [["report", "cis"], true],
    [["report", "logs"], false],
    [["logs", "--follow"], false],
    [["watch"], false],
    [["set", "motd=x"], false],
    [["apply", "f"], false],
    [["raw", "-u", "/os"], false],
    [["reboot"], false],
    [["update", "apply"], false],
    [["exec", "web", "sh"], false],
  ])("%j on several machines: %s", async (args, isTaken) => {
    const end = await outcome(commandOf(...args), []).catch((error: unknown) => error);
    expect(end instanceof UsageError).toBe(!isTaken);
  });
});
