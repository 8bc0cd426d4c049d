import { writeFile } from "node:fs/promises";
import { chooseAccelerator, type RemoteApi } from "@ballast/vm";
import * as z from "zod";
import { ALLOWED_LINES, type AllowedLine } from "./allowed-lines.ts";
import { fetchJournalText, parseJournal } from "./journal.ts";
import { judgeConsole, judgeJournal } from "./judge-lines.ts";
import { TestkitError } from "./testkit-error.ts";

const Health = z.object({
  checks: z.array(z.looseObject({ name: z.string(), status: z.string() })),
});
const WARNING = 4;

/** What was wrong with a guest in any of its boots: failed units and checks, unexpected lines. */
export class Verdict {
  readonly #faults = new Set<string>();
  readonly #allowed: readonly AllowedLine[];

  constructor(allowed: readonly AllowedLine[]) {
    this.#allowed = allowed;
  }

  get faults(): readonly string[] {
    return [...this.#faults];
  }

  add(...faults: readonly string[]): void {
    for (const fault of faults) this.#faults.add(fault);
  }

  /** Judges a boot while its API answers, and keeps the journal's lines that were looked at. */
  async addBoot(api: RemoteApi, journalFile: string): Promise<void> {
    const health = Health.parse(await api.get("/health"));
    const unwell = health.checks.filter(({ status }) => status !== "ok");
    this.add(...unwell.map((check) => `health: ${JSON.stringify(check)}`));
    const journal = await fetchJournalText(api, WARNING);
    await writeFile(journalFile, journal);
    this.add(...judgeJournal(parseJournal(journal), await this.#excuses()));
  }

  /** All lines of one console; lines that were judged before do not count twice. */
  async addConsole(lines: readonly string[]): Promise<void> {
    this.add(...judgeConsole(lines, await this.#excuses()));
  }

  async #excuses(): Promise<readonly AllowedLine[]> {
    const isEmulated = (await chooseAccelerator()) === "tcg";
    const usual = ALLOWED_LINES.filter(({ isOnlyEmulated }) => isEmulated || !isOnlyEmulated);
    return [...usual, ...this.#allowed];
  }
}

export function mustBeClean(verdicts: readonly Verdict[]): void {
  const faults = verdicts.flatMap((verdict) => verdict.faults);
  if (faults.length === 0) return;
  throw new TestkitError(
    "testkit.unclean-guest",
    `A guest is not clean: ${faults.length} unexpected lines\n${faults.join("\n")}`,
    { hint: "If a line is no trouble, add it to libs/testkit/src/allowed-lines.ts with a reason." },
  );
}
