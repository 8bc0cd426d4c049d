import {
  getInhibitors,
  putInhibitor,
  releaseInhibitor,
  safeText,
  type ApiClient,
} from "@ballast/api-client";
import { EXIT } from "@ballast/errors";
import type { ProgramContext } from "@ballast/service";
import type { InhibitCommand } from "../inhibit-cli.ts";

/** Somebody who restarts a machine does not wait long for this. */
const LOOK_MS = 3000;

export async function runInhibit(
  { stdout, signal }: ProgramContext,
  client: ApiClient,
  command: InhibitCommand,
): Promise<number> {
  const tell = async (value: object, text: string): Promise<number> => {
    await stdout(command.json ? `${JSON.stringify(value)}\n` : text);
    return EXIT.ok;
  };
  if (command.verb === "release") {
    await releaseInhibitor(client, command.name, { signal });
    return tell({ released: command.name }, "");
  }
  const { name, why, minutes } = command;
  await putInhibitor(client, name, { why, for_minutes: minutes }, { signal });
  return tell(
    { inhibited: name, minutes },
    `The machine does not restart by itself for ${minutes} min, unless its settings say that it has waited enough\n`,
  );
}

/** What an operator should know who restarts a machine. It holds nothing off: a machine that does not say is restarted too. */
export async function tellObjections(
  { stderr, signal }: ProgramContext,
  client: ApiClient,
): Promise<void> {
  const all = await getInhibitors(client, { signal, timeoutMs: LOOK_MS }).catch(() => []);
  signal.throwIfAborted();
  for (const { who, why, until } of all)
    stderr(`${safeText(`${who} objects until ${until}: ${why}`)}\n`);
}
