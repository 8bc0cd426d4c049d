import { patchSettings, unsetSettings, type ApiClient } from "@ballast/api-client";
import { EXIT } from "@ballast/errors";
import type { CommitReport } from "@ballast/model";
import type { ProgramContext } from "@ballast/service";
import { readSettings } from "../read-source.ts";
import type { SettingsCommand } from "../settings-command.ts";
import { runDiff } from "./diff.ts";
import { runHistory } from "./history.ts";
import { merge } from "./prefixes.ts";
import { runRestore } from "./restore.ts";
import { changeSettings, commit, isNothingPending, tellReport } from "./transaction.ts";
import { runTryEnd } from "./try-end.ts";

type ApplyCommand = Extract<SettingsCommand, { readonly do: "apply" }>;

/** Carries out the commands about changes of settings. */
export async function runSettingsCommand(
  context: ProgramContext,
  client: ApiClient,
  command: SettingsCommand,
): Promise<number> {
  switch (command.do) {
    case "unset":
      return changeSettings(context, client, "unset", command.flags, (tx) =>
        unsetSettings(client, tx, command.keys, { signal: context.signal }),
      );
    case "apply":
      return runApply(context, client, command);
    case "commit": {
      const report = await commit(context, client, command.tx, command.flags);
      return tellReport(context, report, command.flags);
    }
    case "edit": {
      const { runEdit } = await import("./edit.ts");
      return runEdit(context, client, command.flags);
    }
    case "diff":
      return runDiff(context, client, command);
    case "history":
      return runHistory(context, client, command);
    case "restore":
      return runRestore(context, client, command);
    case "confirm":
    case "revert":
      break;
  }
  return runTryEnd(context, client, command);
}

async function runApply(
  context: ProgramContext,
  client: ApiClient,
  { sources, ca, flags }: ApplyCommand,
): Promise<number> {
  let settings: unknown = {};
  // All are read before anything is asked of the machine.
  for (const source of sources) settings = merge(settings, await readSettings(context, source, ca));
  try {
    return await changeSettings(context, client, "apply", flags, (tx) =>
      patchSettings(client, tx, settings, { signal: context.signal }),
    );
  } catch (error) {
    if (!isNothingPending(error)) throw error;
    const nothing: CommitReport = { changed: [], services: [] };
    await tellReport(context, nothing, flags);
    return EXIT.ok;
  }
}
