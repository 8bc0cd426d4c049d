import { effectiveSettings } from "@ballast/model";
import { createLog } from "@ballast/service";
import { createMemoryExec, createMemoryFs, type Fs } from "@ballast/system";
import * as fc from "fast-check";
import { expect, it } from "vitest";
import { PATHS } from "../paths.ts";
import { createParameterKeeper, type ParameterKeeper } from "./boot-parameters.ts";
import { reconcile } from "./reconcile.ts";

const LEVEL = 'boot.init-parameters."systemd.log_level"';

/**
 * A machine over many boots: the selector's rule (kernel/selector/tryout.c) and signpost's (apps/signpost/src/parameters.ts)
 * are played, the rest is real.
 */
class PlayedMachine {
  /** What the firmware keeps. */
  asked: string | undefined;
  known: string | undefined;
  /** A firmware that forgets what was written at each restart. */
  readonly isForgetful: boolean;
  /** The file on STATE. */
  record: string | undefined;
  wanted = "";
  running = "";
  outcome = "none";
  restarts: string[] = [];
  keeper!: ParameterKeeper;
  fs!: Fs;

  constructor(isForgetful: boolean) {
    this.isForgetful = isForgetful;
  }

  async boot(): Promise<void> {
    this.outcome = this.#select();
    const isTried = this.outcome === "trying";
    this.running = isTried || this.outcome === "proven" ? (this.asked ?? "") : "";
    this.fs = createMemoryFs({
      [PATHS.commandLine]: `quiet ballast.parameters${this.running === "" ? "" : ` ${this.running}`}\n`,
      [`${PATHS.efiVariables}/LoaderInfo-x`]: "x",
      ...(this.outcome === "none"
        ? {}
        : { [PATHS.parametersOutcomeVariable]: `....${this.outcome}` }),
      ...(isTried ? { [PATHS.parametersTrialVariable]: "....1" } : {}),
    });
    await this.#show();
    this.keeper = await createParameterKeeper({
      fs: this.fs,
      exec: createMemoryExec({ "/usr/bin/systemctl": () => this.#write() }),
      effective: () => this.#effective(),
    });
    await this.apply();
  }

  async apply(): Promise<void> {
    await this.keeper.hook(this.#effective(), true);
  }

  /** As `configure` does; answers whether the machine restarts. */
  async reconcile(): Promise<boolean> {
    const isRestarting = await reconcile({
      fs: this.fs,
      exec: createMemoryExec({
        "/usr/bin/systemctl": () => ({ exitCode: 0, stdout: "", stderr: "" }),
      }),
      log: createLog({ write: () => undefined, journal: false }),
      effective: () => this.#effective(),
      parameters: this.keeper,
      isTrial: async () => false,
      isStored: async () => true,
    });
    this.record = await this.fs.readText(PATHS.reconcileRecord);
    if (isRestarting) this.restarts.push(this.wanted);
    return isRestarting;
  }

  async mark(): Promise<void> {
    if (this.outcome === "trying") this.known = `P${this.running}`;
    await this.#show();
  }

  #select(): string {
    if (this.isForgetful) this.asked = this.known = undefined;
    if (this.asked === undefined) return "none";
    if (this.known === `P${this.asked}`) return "proven";
    if (this.known === `T${this.asked}`) return "failed";
    this.known = `T${this.asked}`;
    return "trying";
  }

  #write() {
    const wanted = this.wanted;
    if (wanted !== (this.asked ?? "")) {
      if (this.known === `T${wanted}`) this.known = undefined;
      this.asked = wanted === "" ? undefined : wanted;
    }
    void this.#show();
    return { exitCode: 0, stdout: "", stderr: "" };
  }

  /** Puts what the firmware keeps, and STATE, where the server looks. */
  async #show(): Promise<void> {
    const files = {
      [PATHS.parametersVariable]: this.asked,
      [PATHS.parametersStateVariable]: this.known,
    };
    for (const [path, text] of Object.entries(files))
      await (text === undefined
        ? this.fs.remove(path)
        : this.fs.writeDurable(path, `....${text}`, 0o644));
    if (this.record !== undefined)
      await this.fs.writeDurable(PATHS.reconcileRecord, this.record, 0o600);
    await this.fs.writeDurable(
      "/run/ballast/signpost/write-parameters.json",
      '{"changed":true}',
      0o644,
    );
  }

  #effective() {
    return effectiveOf(this.wanted);
  }
}

const set = fc.constantFrom("", "systemd.log_level=info", "systemd.log_level=debug");
const step = fc.oneof(
  fc.record({ kind: fc.constant("set" as const), to: set }),
  fc.record({ kind: fc.constant("restart" as const), isGood: fc.boolean() }),
);

type Step =
  | { readonly kind: "set"; readonly to: string }
  | { readonly kind: "restart"; readonly isGood: boolean };

/** What did not hold on the way. */
async function live(machine: PlayedMachine, steps: readonly Step[]): Promise<string[]> {
  const faults: string[] = [];
  const must = (holds: boolean, what: string): void => {
    if (!holds) faults.push(what);
  };
  await machine.boot();
  /** Refused, and not asked for anew since. */
  let refused: string | undefined;
  for (const one of steps) {
    if (one.kind === "set") {
      if (one.to !== machine.wanted) refused = undefined;
      machine.wanted = one.to;
      const forecast = await machine.keeper.forecast(effectiveOf(machine.wanted));
      must((forecast !== undefined) === (machine.wanted !== machine.running), "a right forecast");
      await machine.apply();
      continue;
    }
    const { state } = await machine.keeper.report();
    await machine.boot();
    const isAsWanted = machine.running === machine.wanted;
    if (!machine.isForgetful && state === "after-restart") must(isAsWanted, "as was announced");
    if (state === "refused") must(!isAsWanted, "a refusal that holds");
    if (refused === machine.wanted) must(!isAsWanted, "no second try of what was refused");
    const before = machine.restarts.length;
    while (machine.restarts.length - before < 3 && (await machine.reconcile()))
      await machine.boot();
    must(machine.restarts.length - before <= 1, "at most one restart by itself");
    if (one.isGood) await machine.mark();
    else if (machine.outcome === "trying") refused = machine.running;
    const after = (await machine.keeper.report()).state;
    const saysSo = after === "as-set" || after === "on-trial";
    must(saysSo === (machine.running === machine.wanted), "a true report");
  }
  return faults;
}

it("brings what it announces, restarts at most once, and never tries again what was refused", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.boolean(),
      fc.array(step, { maxLength: 12 }),
      async (isForgetful, steps) => {
        expect(await live(new PlayedMachine(isForgetful), steps)).toEqual([]);
      },
    ),
    { numRuns: 500 },
  );
});

function effectiveOf(wanted: string) {
  const [, level] = wanted.split("=");
  return effectiveSettings(
    new Map<string, unknown>([
      ["boot.reboot-to-reconcile", true],
      ...(level === undefined ? [] : [[LEVEL, [level]] as const]),
    ]),
  );
}
