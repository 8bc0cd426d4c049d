import type { ApiClient, CallOptions } from "./client.ts";
import { asRecord } from "./json.ts";
import { ApiClientError } from "./errors.ts";

/** One server-sent event; `@ballast/model` says what `data` holds for each name. */
export interface StreamedEvent {
  readonly name: string;
  readonly data: Readonly<Record<string, unknown>>;
}

/** What happens on the machine, from now on, until the server ends it or the signal stops it. */
export async function* streamEvents(
  client: ApiClient,
  options: Pick<CallOptions, "signal" | "idleTimeoutMs"> = {},
): AsyncGenerator<StreamedEvent> {
  let name = "message";
  for await (const line of client.lines({ method: "GET", path: "/events" }, options)) {
    // Our server writes each event's data as one line, so the line ends the event.
    const [, field, value = ""] = /^(event|data): ?(.*)$/.exec(line) ?? [];
    if (field === "event") name = value;
    if (field !== "data") continue;
    yield { name, data: parseData(value) };
    name = "message";
  }
}

function parseData(text: string): Readonly<Record<string, unknown>> {
  try {
    const data = asRecord(JSON.parse(text));
    if (data !== undefined) return data;
  } catch {
    // The message of the parser quotes the text.
  }
  throw new ApiClientError(
    "api-client.bad-answer",
    "Cannot read the answer to GET /events: the data of an event is not a JSON object",
  );
}
