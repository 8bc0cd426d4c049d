import { ApiError, commitAndApply, dropTransaction, type ApiClient } from "@ballast/api-client";
import type { CommitReport } from "@ballast/model";
import { errorFields, type ProgramContext } from "@ballast/service";
import type { CommitFlags } from "../settings-command.ts";
import { exitCodeOf, formatReport } from "./commit-report.ts";

/** A name that no other client uses. */
export function privateTransaction(command: string): string {
  const random = crypto.getRandomValues(Buffer.alloc(8)).toString("hex");
  return `apiclient-${command}-${random}`;
}

/** Stages in a transaction of its own, commits and applies it, and tells what came of it. */
export async function changeSettings(
  context: ProgramContext,
  client: ApiClient,
  command: string,
  flags: CommitFlags,
  stage: (tx: string) => Promise<void>,
  ifMatch?: string,
): Promise<number> {
  const tx = privateTransaction(command);
  await stage(tx);
  const report = await orDrop(context, client, tx, () =>
    commit(context, client, tx, flags, ifMatch),
  );
  return tellReport(context, report, flags);
}

export async function tellReport(
  { stdout }: ProgramContext,
  report: CommitReport,
  { json }: { readonly json: boolean },
): Promise<number> {
  await stdout(json ? `${JSON.stringify(report)}\n` : formatReport(report));
  return exitCodeOf(report);
}

export async function commit(
  { signal }: ProgramContext,
  client: ApiClient,
  tx: string,
  { trySeconds, rollbackOnFailure }: CommitFlags,
  ifMatch?: string,
): Promise<CommitReport> {
  const options = { signal, trySeconds, rollbackOnFailure, ifMatch };
  return commitAndApply(client, tx, options);
}

/** Something staged but refused is not left behind: nobody would ever commit it. */
export async function orDrop<Result>(
  context: ProgramContext,
  client: ApiClient,
  tx: string,
  act: () => Promise<Result>,
): Promise<Result> {
  try {
    return await act();
  } catch (error) {
    await drop(context, client, tx);
    throw error;
  }
}

export async function drop(context: ProgramContext, client: ApiClient, tx: string): Promise<void> {
  // Not with the signal of the program: it may be the reason why the commit did not go through.
  await dropTransaction(client, tx).catch((error: unknown) => {
    context.log.warn("Transaction may be left behind", { tx, ...errorFields(error) });
  });
}

/** Nothing was staged at all, for example of an empty file. */
export function isNothingPending(error: unknown): boolean {
  return error instanceof ApiError && error.code === "datastore.nothing-pending";
}
