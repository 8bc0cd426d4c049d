import { getHistory, safeText, type ApiClient } from "@ballast/api-client";
import { EXIT } from "@ballast/errors";
import type { HistoryCommit } from "@ballast/model";
import type { ProgramContext } from "@ballast/service";
import { createPaint, type Paint } from "../paint.ts";
import { inSeconds } from "../text-layout.ts";
import { changeLine } from "./change-lines.ts";

interface HistoryCommand {
  readonly count: number | undefined;
  readonly json: boolean;
}

export async function runHistory(
  context: ProgramContext,
  client: ApiClient,
  { count, json }: HistoryCommand,
): Promise<number> {
  const { stdout, signal } = context;
  const paint = createPaint(context);
  const history = (await getHistory(client, { signal })).slice(0, count);
  await stdout(
    json ? `${JSON.stringify(history)}\n` : history.map((one) => formatCommit(one, paint)).join(""),
  );
  return EXIT.ok;
}

function formatCommit({ id, at, who, source, note, changes }: HistoryCommit, paint: Paint): string {
  const head = `  ${inSeconds(at)}  ${who} (${source})${note === null ? "" : `: ${note}`}`;
  const lines = changes.map((change) => `  ${changeLine(change, "(default)")}`);
  return [`${paint("strong", String(id))}${safeText(head)}`, ...lines.map(safeText)]
    .map((line) => `${line}\n`)
    .join("");
}
