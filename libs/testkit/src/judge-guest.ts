import { chooseAccelerator } from "@ballast/vm";
import * as z from "zod";
import { ALLOWED_LINES } from "./allowed-lines.ts";
import type { Guest } from "./guest.ts";
import { fetchJournal } from "./journal.ts";
import { judgeConsole, judgeJournal } from "./judge-lines.ts";
import { TestkitError } from "./testkit-error.ts";

const Health = z.object({
  checks: z.array(z.looseObject({ name: z.string(), status: z.string() })),
});
const WARNING = 4;

/**
 * The verdict that every case shares: no failed unit or check, no unexpected line in journal or on the console. A
 * guest that is down or never got up is judged by its console.
 */
export async function judgeGuest(guest: Guest): Promise<void> {
  const isEmulated = (await chooseAccelerator()) === "tcg";
  const usual = ALLOWED_LINES.filter(({ isOnlyEmulated }) => isEmulated || !isOnlyEmulated);
  const allowed = [...usual, ...(guest.options.allowed ?? [])];
  const lines = guest.machine.console.lines.map(({ text }) => text);
  const faults = [...judgeConsole(lines, allowed)];
  if (guest.isHealthy && guest.isRunning) {
    const health = Health.parse(await guest.api.get("/health"));
    const unwell = health.checks.filter(({ status }) => status !== "ok");
    faults.push(...unwell.map((check) => `health: ${JSON.stringify(check)}`));
    const journal = await fetchJournal(guest.api, WARNING);
    faults.push(...judgeJournal(journal, allowed));
  }
  if (faults.length === 0) return;
  throw new TestkitError(
    "testkit.unclean-guest",
    `The guest is not clean: ${faults.length} unexpected lines\n${[...new Set(faults)].join("\n")}`,
    { hint: "If a line is no trouble, add it to libs/testkit/src/allowed-lines.ts with a reason." },
  );
}
