import type { RemoteApi } from "@ballast/vm";
import * as z from "zod";
import type { JournalLine } from "./judge-lines.ts";

/** journalctl's JSON form: a field is text, a list of bytes where it is no valid text, or null where it is too long. */
const Field = z
  .union([z.string(), z.array(z.number()), z.null()])
  .transform((value) =>
    typeof value === "string" ? value : value === null ? "" : Buffer.from(value).toString(),
  );

const JournalRecord = z
  .object({
    MESSAGE: Field.default(""),
    // A record without a priority counts as "info", as journalctl shows it.
    PRIORITY: z.coerce.number().default(6),
    _TRANSPORT: z.string().default("unknown"),
    _HOSTNAME: z.string().optional(),
    _SYSTEMD_UNIT: z.string().optional(),
    SYSLOG_IDENTIFIER: z.string().optional(),
  })
  .transform((fields) => ({
    message: fields["MESSAGE"],
    priority: fields["PRIORITY"],
    // Programs that start before the journal write to the kernel's log, too, but under a name of their own.
    isKernel: fields["_TRANSPORT"] === "kernel" && fields["SYSLOG_IDENTIFIER"] === "kernel",
    source: fields["_SYSTEMD_UNIT"] ?? fields["SYSLOG_IDENTIFIER"] ?? fields["_TRANSPORT"],
    hostname: fields["_HOSTNAME"],
  }));
export interface JournalRecord extends JournalLine {
  readonly hostname: string | undefined;
}

const MANY_LINES = 10_000;

/** This boot's journal up to a syslog priority (7 is everything), as text of one JSON object a line. */
export async function fetchJournalText(
  api: Pick<RemoteApi, "send">,
  priority: number,
): Promise<string> {
  const path = `/logs?boot=0&lines=${MANY_LINES}&priority=${priority}`;
  const answer = await api.send({ path, timeoutMs: 120_000 });
  if (answer.status !== 200) throw new Error(`GET ${path} answers ${answer.status} ${answer.text}`);
  return answer.text;
}

export async function fetchJournal(
  api: RemoteApi,
  priority = 7,
): Promise<readonly JournalRecord[]> {
  return parseJournal(await fetchJournalText(api, priority));
}

export function parseJournal(text: string): readonly JournalRecord[] {
  return text
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JournalRecord.parse(JSON.parse(line)));
}
