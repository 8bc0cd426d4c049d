import { join } from "node:path";
import { bootLimitMs, REPOSITORY } from "@ballast/vm";
import { inject, type TestContext } from "vitest";
import { keepArtefacts } from "./keep-artefacts.ts";
import { Lab } from "./lab.ts";

declare module "vitest" {
  interface ProvidedContext {
    /** Directory of the whole test run, made by the global set-up of run-setup.ts. */
    sharedDirectory: string;
  }
}

const ARTEFACTS = join(REPOSITORY, "tests/vm/artefacts");

/** Time limit of a case that boots so often. Every wait within has its own; this one ends a case whose waits add up. */
export function bootsLimitMs(boots: number): number {
  return (boots + 1) * bootLimitMs("tcg");
}

/**
 * The body of a VM case. When it is through, each boot of each of its guests is judged; whatever fails, consoles and
 * journals are kept.
 */
export function inLab(body: (lab: Lab) => Promise<void>): (context: TestContext) => Promise<void> {
  return async ({ task }) => {
    await using lab = new Lab(inject("sharedDirectory"));
    try {
      await body(lab);
      await lab.judge();
    } catch (error) {
      const directory = join(ARTEFACTS, task.name.replaceAll(/[^a-z0-9]+/gi, "-").toLowerCase());
      await keepArtefacts(lab.guests, directory);
      console.error(`Console and journal of the failed case are in ${directory}`);
      throw error;
    }
  };
}
