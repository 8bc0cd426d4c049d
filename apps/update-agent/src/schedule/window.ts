import type { UpdateAgentConfig } from "@ballast/model";

type Window = NonNullable<UpdateAgentConfig["window"]>;

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;
/** As `Date.getUTCDay` counts. */
const DAYS = [
  "sunday",
  "monday",
  "tuesday",
  "wednesday",
  "thursday",
  "friday",
  "saturday",
] as const;

/**
 * Whether the machine's turn in a window has come at this time (milliseconds since 1970, UTC). The window belongs to the day on which
 * it begins, and may end on the next one; the first `delayMs` of it belong to other machines.
 */
export function isTurn(window: Window, delayMs: number, nowMs: number): boolean {
  const midnightMs = Math.floor(nowMs / DAY_MS) * DAY_MS;
  return [midnightMs - DAY_MS, midnightMs].some((dayMs) => {
    const name = DAYS[new Date(dayMs).getUTCDay()];
    if (name === undefined || !window.days.includes(name)) return false;
    const startMs = dayMs + minutesOf(window.start) * MINUTE_MS;
    return startMs + delayMs <= nowMs && nowMs < startMs + window.length_minutes * MINUTE_MS;
  });
}

function minutesOf(time: string): number {
  const [hours = 0, minutes = 0] = time.split(":").map(Number);
  return hours * 60 + minutes;
}
