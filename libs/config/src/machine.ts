import type { SettingsDraft } from "./settings-draft.ts";

const MACHINE = Symbol.for("@ballast/config.machine");

/** What is told of a machine. */
export interface MachineDraft {
  /** How `ballast-config` calls it; the name of its export, or its key in an exported table, when absent. */
  readonly name?: string;
  readonly settings: SettingsDraft;
}

export interface Machine extends MachineDraft {
  readonly [MACHINE]: true;
}

/** The settings of one machine. Only their types are checked here; the values are when user data is made. */
export function defineMachine({ settings, ...rest }: MachineDraft): Machine {
  return { ...rest, settings, [MACHINE]: true };
}

export function isMachine(value: unknown): value is Machine {
  return typeof value === "object" && value !== null && MACHINE in value;
}
