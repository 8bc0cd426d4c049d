import { getHistory, safeText, type ApiClient } from "@ballast/api-client";
import { EXIT } from "@ballast/errors";
import type { HistoryCommit } from "@ballast/model";
import type { ProgramContext } from "@ballast/service";
import { changeLine } from "./change-lines.ts";

interface HistoryCommand {
  readonly count: number | undefined;
  readonly json: boolean;
}

export async function runHistory(
  { stdout, signal }: ProgramContext,
  client: ApiClient,
  { count, json }: HistoryCommand,
): Promise<number> {
  const history = (await getHistory(client, { signal })).slice(0, count);
  await stdout(json ? `${JSON.stringify(history)}\n` : history.map(formatCommit).join(""));
  return EXIT.ok;
}

function formatCommit({ id, at, who, source, note, changes }: HistoryCommit): string {
  const lines = [
    `${id}  ${at}  ${who} (${source})${note === null ? "" : `: ${note}`}`,
    ...changes.map((change) => `  ${changeLine(change, "(default)")}`),
  ];
  return lines.map((line) => `${safeText(line)}\n`).join("");
}
