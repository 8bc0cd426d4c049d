import { noOperands, usage } from "./cli-checks.ts";
import type { Values } from "./values.ts";

/** Holding off restarts that the machine makes by itself, and letting go. */
export type InhibitCommand =
  | {
      readonly do: "update";
      readonly verb: "inhibit";
      readonly name: string;
      readonly why: string;
      readonly minutes: number;
      readonly json: boolean;
    }
  | {
      readonly do: "update";
      readonly verb: "release";
      readonly name: string;
      readonly json: boolean;
    };

const UNIT_MINUTES: Readonly<Record<string, number>> = { m: 1, h: 60, d: 1440 };
const WEEK_MINUTES = 7 * 1440;

export function parseInhibit(values: Values, [name, ...more]: readonly string[]): InhibitCommand {
  if (name === undefined) throw usage("update", "the NAME of who objects is missing");
  noOperands("update", more);
  const [why, time] = [values.text("why"), values.text("for")];
  if (why === undefined || time === undefined)
    throw usage("update", "inhibit needs --why TEXT and --for TIME");
  return {
    do: "update",
    verb: "inhibit",
    name,
    why,
    minutes: minutesOf(time),
    json: values.has("json"),
  };
}

export function parseRelease(values: Values, [name, ...more]: readonly string[]): InhibitCommand {
  if (name === undefined) throw usage("update", "the NAME of who objects is missing");
  noOperands("update", more);
  return { do: "update", verb: "release", name, json: values.has("json") };
}

function minutesOf(text: string): number {
  const [, digits = "", unit = ""] = /^(\d{1,5})([mhd])$/.exec(text) ?? [];
  const minutes = Number(digits) * (UNIT_MINUTES[unit] ?? 0);
  if (minutes >= 1 && minutes <= WEEK_MINUTES) return minutes;
  throw usage("update", "--for must be a time as 30m, 2h or 1d, at most 7d");
}
