import { getPlan, restoreCommit, safeText, type ApiClient } from "@ballast/api-client";
import { EXIT } from "@ballast/errors";
import type { CommitReport, Plan, RestoreReport } from "@ballast/model";
import type { ProgramContext } from "@ballast/service";
import type { CommitFlags } from "../settings-command.ts";
import { planLines } from "./change-lines.ts";
import { exitCodeOf, formatReport } from "./commit-report.ts";
import { commit, drop, orDrop, privateTransaction } from "./transaction.ts";

interface RestoreCommand {
  readonly id: number;
  readonly dryRun: boolean;
  readonly flags: CommitFlags;
}

/** Stages what leads back, then commits it if nobody has changed settings since; tells what cannot be brought back. */
export async function runRestore(
  context: ProgramContext,
  client: ApiClient,
  { id, dryRun, flags }: RestoreCommand,
): Promise<number> {
  const { signal } = context;
  const tx = privateTransaction("restore");
  const { value: restored, etag } = await restoreCommit(client, id, tx, { signal });
  const { skipped } = restored;
  if (dryRun) {
    const plan = await planOf(context, client, tx, restored);
    const lines = [...planLines(plan), ...skippedLines(restored)];
    await tell(
      context,
      flags,
      { ...plan, skipped },
      lines.map((line) => `${safeText(line)}\n`),
    );
    return EXIT.ok;
  }
  const nothing: CommitReport = { changed: [], services: [] };
  const report =
    restored.staged.length === 0
      ? nothing
      : await orDrop(context, client, tx, () => commit(context, client, tx, flags, etag));
  const lines = skippedLines(restored).map((line) => `${safeText(line)}\n`);
  await tell(context, flags, { ...report, skipped }, [formatReport(report), ...lines]);
  return exitCodeOf(report);
}

async function planOf(
  context: ProgramContext,
  client: ApiClient,
  tx: string,
  { staged }: RestoreReport,
): Promise<Plan> {
  if (staged.length === 0) return { changes: [], services: [], reboot: false };
  try {
    return (await getPlan(client, tx, { signal: context.signal })).value;
  } finally {
    await drop(context, client, tx);
  }
}

async function tell(
  { stdout }: ProgramContext,
  { json }: CommitFlags,
  value: unknown,
  lines: readonly string[],
): Promise<void> {
  await stdout(json ? `${JSON.stringify(value)}\n` : lines.join(""));
}

function skippedLines({ skipped }: RestoreReport): string[] {
  return skipped.map(({ key, reason }) => `Not restored: ${key} ${reason}`);
}
