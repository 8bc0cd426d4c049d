import { getPlan, patchSettings, safeText, type ApiClient } from "@ballast/api-client";
import { EXIT } from "@ballast/errors";
import type { Plan } from "@ballast/model";
import type { ProgramContext } from "@ballast/service";
import { readSettings } from "../read-source.ts";
import { planLines } from "./change-lines.ts";
import { drop, isNothingPending, privateTransaction } from "./transaction.ts";

interface DiffCommand {
  readonly source: string | undefined;
  readonly ca: string | undefined;
  readonly tx: string;
  readonly json: boolean;
}

/** A transaction, or a source, against the live settings. The machine itself compares, so it is what would be done. */
export async function runDiff(
  context: ProgramContext,
  client: ApiClient,
  { source, ca, tx, json }: DiffCommand,
): Promise<number> {
  const plan =
    source === undefined
      ? await planOf(context, client, tx)
      : await planOfSource(context, client, source, ca);
  await tellPlan(context, plan, json);
  return EXIT.ok;
}

export async function tellPlan(
  { stdout }: ProgramContext,
  plan: Plan,
  json: boolean,
): Promise<void> {
  const lines = planLines(plan).map((line) => `${safeText(line)}\n`);
  await stdout(json ? `${JSON.stringify(plan)}\n` : lines.join(""));
}

async function planOfSource(
  context: ProgramContext,
  client: ApiClient,
  source: string,
  ca: string | undefined,
): Promise<Plan> {
  const settings = await readSettings(context, source, ca);
  const tx = privateTransaction("diff");
  await patchSettings(client, tx, settings, { signal: context.signal });
  try {
    return await planOf(context, client, tx);
  } finally {
    await drop(context, client, tx);
  }
}

async function planOf({ signal }: ProgramContext, client: ApiClient, tx: string): Promise<Plan> {
  try {
    return (await getPlan(client, tx, { signal })).value;
  } catch (error) {
    if (!isNothingPending(error)) throw error;
    return { changes: [], services: [], reboot: false };
  }
}
