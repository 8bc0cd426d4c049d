import { writeFile } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { chooseAccelerator, type RemoteApi } from "@ballast/vm";
import * as z from "zod";
import { ALLOWED_LINES, type AllowedLine } from "./allowed-lines.ts";
import { fetchJournalText, parseJournal } from "./journal.ts";
import { isAllowed, judgeConsole, judgeJournal } from "./judge-lines.ts";
import { TestkitError } from "./testkit-error.ts";

const Health = z.object({
  checks: z.array(z.looseObject({ name: z.string(), status: z.string() })),
});
type Health = z.infer<typeof Health>;
const WARNING = 4;
const PAUSE_MS = 500;
/** A unit that a case has just had restarted is "waiting" for a moment; one that stays so is a fault. */
const SETTLE_LIMIT_MS = 60_000;

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
  async addBoot(api: Pick<RemoteApi, "send">, journalFile: string): Promise<void> {
    const health = await settledHealth(api);
    const excuses = await this.#excuses();
    const unwell = health.checks
      .filter(({ status }) => status !== "ok")
      .map((check) => `health: ${JSON.stringify(check)}`);
    this.add(...unwell.filter((fault) => !isAllowed(fault, excuses)));
    const journal = await fetchJournalText(api, WARNING);
    await writeFile(journalFile, journal);
    this.add(...judgeJournal(parseJournal(journal), excuses));
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

/** 503 has the same body as 200: what is unwell is a fault to be listed with the others. */
async function settledHealth(api: Pick<RemoteApi, "send">): Promise<Health> {
  const deadlineMs = performance.now() + SETTLE_LIMIT_MS;
  for (;;) {
    const { text } = await api.send({ path: "/health", timeoutMs: 60_000 });
    const health = Health.parse(JSON.parse(text));
    const isWaiting = health.checks.some(({ status }) => status === "waiting");
    if (!isWaiting || performance.now() > deadlineMs) return health;
    await sleep(PAUSE_MS);
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
