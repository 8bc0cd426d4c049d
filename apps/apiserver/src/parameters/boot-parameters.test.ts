import { effectiveSettings } from "@ballast/model";
import { createLog } from "@ballast/service";
import { createMemoryExec, createMemoryFs, type Fs } from "@ballast/system";
import { describe, expect, it } from "vitest";
import { PATHS } from "../paths.ts";
import { createParameterKeeper } from "./boot-parameters.ts";
import { judgeParameters } from "./judge-parameters.ts";
import { runningParameters, type ParameterFacts } from "./parameter-facts.ts";
import { reconcile } from "./reconcile.ts";

const FACTS: ParameterFacts = {
  running: "",
  asked: "",
  atStart: "",
  known: undefined,
  outcome: undefined,
  isTried: false,
  isMarked: true,
  hasVariables: true,
};

function values(level?: string, reconciles = true) {
  return effectiveSettings(
    new Map<string, unknown>([
      ["boot.reboot-to-reconcile", reconciles],
      ...(level === undefined
        ? []
        : [['boot.init-parameters."systemd.log_level"', [level]] as const]),
    ]),
  );
}

const DEBUG = "systemd.log_level=debug";

describe("runningParameters()", () => {
  it.each([
    ["root=/dev/dm-0 ballast.parameters\n", ""],
    ["root=/dev/dm-0 ballast.parameters nosmt psi=1\n", "nosmt psi=1"],
    ["root=/dev/dm-0 quiet\n", undefined],
    ["root=/dev/dm-0 xballast.parameters a\n", undefined],
    ["", undefined],
  ])("%j", (line, parameters) => {
    expect(runningParameters(line)).toBe(parameters);
  });
});

describe("judgeParameters()", () => {
  const judge = (facts: Partial<ParameterFacts>, wanted = "nosmt") => {
    const { state, reason } = judgeParameters({ ...FACTS, ...facts }, wanted);
    return reason === null ? state : `${state}: ${reason}`;
  };

  it("compares with what runs, not with what was set before", () => {
    expect(judge({}, "")).toBe("as-set");
    expect(judge({ running: "nosmt", asked: "psi=1" })).toBe("as-set");
    expect(judge({ running: "nosmt", isTried: true, isMarked: false, known: "Tnosmt" })).toBe(
      "on-trial",
    );
    expect(judge({ running: "nosmt", isTried: true, known: "Pnosmt" })).toBe("as-set");
    expect(judge({ running: "nosmt", isTried: true, known: "Tnosmt" })).toContain(
      "on-trial: the firmware did not keep",
    );
  });

  it("tells what a restart brings, and what it does not", () => {
    expect(judge({ asked: "nosmt" })).toMatch(/^after-restart/);
    expect(judge({ asked: "psi=1" })).toMatch(/^not-stored/);
    const seen = { asked: "nosmt", atStart: "nosmt" };
    expect(judge({ ...seen, outcome: "failed", known: "Tnosmt" })).toMatch(/^refused: were tried/);
    expect(judge({ ...seen, outcome: "failed" })).toMatch(/^after-restart/);
    expect(judge({ ...seen, outcome: "forbidden" })).toMatch(/^refused: the selector does not/);
    expect(judge({ ...seen, outcome: "no-room" })).toMatch(/^refused: the image/);
    expect(judge({ ...seen, outcome: "not-noted" })).toMatch(/^refused: the firmware/);
    expect(judge(seen)).toBe("refused: the selector is too old to know of parameters");
    expect(judge({ running: undefined, ...seen })).toMatch(/^refused/);
  });
});

interface Options {
  readonly files?: Readonly<Record<string, string>>;
  readonly answer?: string;
}

async function machine({ files = {}, answer = '{"changed":true}' }: Options = {}) {
  const fs: Fs = createMemoryFs({
    [PATHS.commandLine]: "quiet ballast.parameters\n",
    [`${PATHS.efiVariables}/LoaderInfo-x`]: "x",
    "/run/ballast/signpost/write-parameters.json": answer,
    ...files,
  });
  const calls: string[] = [];
  let effective = values("debug");
  const exec = createMemoryExec({
    "/usr/bin/systemctl": ({ args }) => {
      calls.push(args.join(" "));
      if (answer === '{"changed":true}')
        void fs.writeDurable(PATHS.parametersVariable, `....${DEBUG}`, 0o644);
      return { exitCode: 0, stdout: "", stderr: "" };
    },
  });
  const keeper = await createParameterKeeper({ fs, exec, effective: () => effective });
  const set = (level?: string, reconciles = true): void => {
    effective = values(level, reconciles);
  };
  const apply = async () => keeper.hook(effective, true);
  const doReconcile = (change: { isTrial?: boolean; isStored?: boolean } = {}) =>
    reconcile({
      fs,
      exec,
      log: createLog({ write: () => undefined, journal: false }),
      effective: () => effective,
      parameters: keeper,
      isTrial: async () => change.isTrial ?? false,
      isStored: async () => change.isStored ?? true,
    });
  return { fs, calls, keeper, set, apply, reconcile: doReconcile };
}

const WRITE = "--no-ask-password start boot-parameters@write.service";
const REBOOT = "--no-block --no-wall --no-ask-password reboot";

describe("the hook", () => {
  it("has the firmware keep what is set, once, and says when it takes effect", async () => {
    const { apply, calls } = await machine();
    expect(await apply()).toEqual({ later: "take effect when the machine restarts" });
    expect(await apply()).toEqual({ later: "take effect when the machine restarts" });
    expect(calls).toEqual([WRITE]);
  });

  it("starts nothing when nothing is set and nothing is kept", async () => {
    const { apply, calls, set } = await machine();
    set();
    expect(await apply()).toBe(false);
    expect(calls).toEqual([]);
  });

  it("fails with the words of signpost, and when nothing was kept", async () => {
    const error = { code: "signpost.no-variables", message: "Cannot write", hint: null };
    const refusing = await machine({ answer: JSON.stringify({ error }) });
    await expect(refusing.apply()).rejects.toThrow("Cannot write");
    const lying = await machine({ answer: '{"changed": true}' });
    await expect(lying.apply()).rejects.toThrow("does not hold what was written");
  });

  it("fails before it writes where there is no place for parameters; none can be had everywhere", async () => {
    const files = { [PATHS.commandLine]: "quiet\n" };
    const { apply, calls, set, keeper } = await machine({ files });
    await expect(apply()).rejects.toThrow("the command line of this image has no place");
    await expect(keeper.forecast(values("debug"))).rejects.toThrow("no place");
    expect(calls).toEqual([]);
    set();
    expect(await apply()).toBe(false);
  });
});

describe("the forecast", () => {
  it("says whether the machine must restart, by what runs", async () => {
    const { keeper } = await machine({
      files: { [PATHS.commandLine]: `quiet ballast.parameters ${DEBUG}\n` },
    });
    expect(await keeper.forecast(values("debug"))).toBeUndefined();
    expect(await keeper.forecast(values("info"))).toBe("take effect when the machine restarts");
    expect(await keeper.forecast(values())).toBe("take effect when the machine restarts");
  });
});

describe("the check", () => {
  const REFUSED = {
    [PATHS.parametersVariable]: `....${DEBUG}`,
    [PATHS.parametersStateVariable]: `....T${DEBUG}`,
    [PATHS.parametersOutcomeVariable]: "....f\0a\0i\0l\0e\0d\0\0\0",
  };

  it("warns of a refused set until it is unset, and fails nothing", async () => {
    const { keeper, set } = await machine({ files: REFUSED });
    expect(await keeper.check()).toMatchObject([{ name: "boot-parameters", status: "warning" }]);
    set();
    expect(await keeper.check()).toEqual([]);
  });

  it("has nothing to say of what waits for a restart", async () => {
    const { keeper, apply } = await machine();
    await apply();
    expect(await keeper.check()).toEqual([]);
  });
});

describe("reconcile()", () => {
  it("restarts once, for what this boot has written", async () => {
    const { apply, calls, reconcile: run, fs } = await machine();
    await apply();
    expect(await run()).toBe(true);
    expect(calls).toEqual([WRITE, REBOOT]);
    expect(await fs.readText(PATHS.reconcileRecord)).toBe(`${DEBUG}\n`);
    expect(await run()).toBe(false);
  });

  it.each([{ isTrial: true }, { isStored: false }])("does not restart with %j", async (change) => {
    const { apply, calls, reconcile: run } = await machine();
    await apply();
    expect(await run(change)).toBe(false);
    expect(calls).toEqual([WRITE]);
  });

  it("does not restart unless that is set, nor for what the selector has refused", async () => {
    const unset = await machine();
    unset.set("debug", false);
    await unset.apply();
    expect(await unset.reconcile()).toBe(false);
    const refused = await machine({
      files: {
        [PATHS.parametersVariable]: `....${DEBUG}`,
        [PATHS.parametersOutcomeVariable]: "....forbidden",
      },
    });
    expect(await refused.apply()).toEqual({ later: expect.stringMatching(/^are refused: /) });
    expect(await refused.reconcile()).toBe(false);
  });

  it("forgets what it restarted for when that runs", async () => {
    const { fs, reconcile: run } = await machine({
      files: {
        [PATHS.commandLine]: `quiet ballast.parameters ${DEBUG}\n`,
        [PATHS.reconcileRecord]: `${DEBUG}\n`,
      },
    });
    expect(await run()).toBe(false);
    expect(await fs.exists(PATHS.reconcileRecord)).toBe(false);
  });
});
