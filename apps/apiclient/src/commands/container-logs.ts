import { asRecord, safeText, streamContainerLogs, type ApiClient } from "@ballast/api-client";
import { EXIT } from "@ballast/errors";
import type { ProgramContext } from "@ballast/service";

interface ContainerLogsCommand {
  readonly container: string;
  readonly follow: boolean;
  readonly lines: number | undefined;
  readonly since: string | undefined;
  readonly timestamps: boolean;
  readonly json: boolean;
}

/** Prints what a container prints, each line where the container printed it: on standard output or standard error. */
export async function runContainerLogs(
  { stdout, stderr, signal }: ProgramContext,
  client: ApiClient,
  { container, follow, lines, since, timestamps, json }: ContainerLogsCommand,
): Promise<number> {
  const query = {
    container,
    follow,
    ...(lines === undefined ? {} : { lines }),
    ...(since === undefined ? {} : { since }),
  };
  let isBegun = false;
  for await (const line of streamContainerLogs(client, query, { signal })) {
    if (json) {
      await stdout(`${line}\n`);
      continue;
    }
    const { stream, text, isPartial } = formatLine(line, timestamps && !isBegun);
    isBegun = isPartial;
    if (stream === "stderr") stderr(text);
    else await stdout(text);
  }
  return EXIT.ok;
}

interface Printed {
  readonly stream: "stdout" | "stderr";
  readonly text: string;
  /** The line goes on in the next one. */
  readonly isPartial: boolean;
}

function formatLine(line: string, hasTime: boolean): Printed {
  const entry = parseEntry(line);
  const { time, stream, text, partial, lost } = entry ?? {};
  if (typeof lost === "number")
    return {
      stream: "stderr",
      text: "apiclient: lines are missing here: they were removed before they could be read\n",
      isPartial: false,
    };
  const isPartial = partial === true;
  const body = typeof text === "string" ? text : line;
  const prefix = hasTime ? `${typeof time === "string" ? safeText(time) : "-"} ` : "";
  return {
    stream: stream === "stderr" ? "stderr" : "stdout",
    text: `${prefix}${safeText(body)}${isPartial ? "" : "\n"}`,
    isPartial,
  };
}

function parseEntry(line: string): Readonly<Record<string, unknown>> | undefined {
  try {
    return asRecord(JSON.parse(line));
  } catch {
    return undefined;
  }
}
