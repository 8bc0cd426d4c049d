import {
  asRecord,
  commitAndApply,
  dropTransaction,
  patchKeypairs,
  patchSettings,
  safeText,
  type ApiClient,
} from "@ballast/api-client";
import { EXIT } from "@ballast/errors";
import type { CommitReport } from "@ballast/model";
import { errorFields, type ProgramContext } from "@ballast/service";
import { ApiclientError } from "../apiclient-error.ts";
import type { SetValues } from "../command.ts";

interface SetCommand {
  readonly values: SetValues;
  readonly json: boolean;
}

/** Stages in a transaction of its own, commits and applies it, and tells what came of it. */
export async function runSet(
  context: ProgramContext,
  client: ApiClient,
  { values, json }: SetCommand,
): Promise<number> {
  const random = crypto.getRandomValues(Buffer.alloc(8)).toString("hex");
  const tx = `apiclient-set-${random}`;
  const options = { signal: context.signal };
  if (values.from === "pairs") await patchKeypairs(client, tx, values.pairs, options);
  else {
    const text = values.from === "json" ? values.text : await context.stdin();
    await patchSettings(client, tx, settingsOf(text), options);
  }
  const report = await commitOrDrop(context, client, tx);
  await context.stdout(json ? `${JSON.stringify(report)}\n` : formatReport(report));
  return report.services.some(({ status }) => status === "failed") ? EXIT.failed : EXIT.ok;
}

/** Nested settings, with or without the outer table `settings`. */
function settingsOf(text: string): unknown {
  const settings = asRecord(parse(text));
  if (settings === undefined)
    throw new ApiclientError(
      "apiclient.bad-json",
      "Cannot set settings: the JSON is not an object",
      {
        exitCode: EXIT.badData,
      },
    );
  const inner = asRecord(settings["settings"]);
  return inner !== undefined && Object.keys(settings).length === 1 ? inner : settings;
}

function formatReport({ changed, services }: CommitReport): string {
  const lines = [
    changed.length === 0 ? "Nothing changed" : `Changed ${changed.join(", ")}`,
    ...services.map(({ name, action, status, reason }) =>
      status === "ok" ? `${name}: ${action}` : `${name}: failed: ${reason ?? "no reason given"}`,
    ),
  ];
  return lines.map((line) => `${safeText(line)}\n`).join("");
}

/** A refused transaction is not left behind: nobody would ever commit it. */
async function commitOrDrop(
  context: ProgramContext,
  client: ApiClient,
  tx: string,
): Promise<CommitReport> {
  try {
    return await commitAndApply(client, tx, { signal: context.signal });
  } catch (error) {
    // Not with the signal of the program: it may be the reason why the commit did not go through.
    await dropTransaction(client, tx).catch((dropError: unknown) => {
      context.log.warn("Transaction may be left behind", { tx, ...errorFields(dropError) });
    });
    throw error;
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Not the cause: its message quotes the text, which may hold a secret.
    throw new ApiclientError("apiclient.bad-json", "Cannot set settings: the text is not JSON", {
      exitCode: EXIT.badData,
    });
  }
}
