import { patchKeypairs, patchSettings, type ApiClient } from "@ballast/api-client";
import type { ProgramContext } from "@ballast/service";
import type { SetValues } from "../command.ts";
import type { CommitFlags } from "../settings-command.ts";
import { parseJsonSettings } from "../settings-text.ts";
import { changeSettings } from "./transaction.ts";

interface SetCommand {
  readonly values: SetValues;
  readonly flags: CommitFlags;
}

export async function runSet(
  context: ProgramContext,
  client: ApiClient,
  { values, flags }: SetCommand,
): Promise<number> {
  const options = { signal: context.signal };
  if (values.from === "pairs")
    return changeSettings(context, client, "set", flags, (tx) =>
      patchKeypairs(client, tx, values.pairs, options),
    );
  const text = values.from === "json" ? values.text : await context.stdin();
  const settings = parseJsonSettings(text, "the JSON");
  return changeSettings(context, client, "set", flags, (tx) =>
    patchSettings(client, tx, settings, options),
  );
}
