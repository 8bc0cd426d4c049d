import {
  asRecord,
  safeText,
  streamEvents,
  type ApiClient,
  type StreamedEvent,
} from "@ballast/api-client";
import { EXIT } from "@ballast/errors";
import type { ProgramContext } from "@ballast/service";

/** Shows events until the caller stops it; if the server ends them, that is a failure. */
export async function runWatch(
  { stdout, signal, log }: ProgramContext,
  client: ApiClient,
  { json }: { readonly json: boolean },
): Promise<number> {
  for await (const event of streamEvents(client, { signal }))
    await stdout(
      json ? `${JSON.stringify({ event: event.name, data: event.data })}\n` : lineOf(event),
    );
  log.notice("The machine has ended its events");
  return EXIT.unavailable;
}

function lineOf(event: StreamedEvent): string {
  return `${event.name}: ${safeText(describe(event)).replaceAll("\n", " ")}\n`;
}

/** What a person wants to know of an event; of one that this version does not know, all of it. */
function describe({ name, data }: StreamedEvent): string {
  switch (name) {
    case "ready":
      return `${text(asRecord(data["health"])?.["status"])}, settings ${text(data["etag"])}`;
    case "settings":
      return `${list(data["keys"]).map(text).join(", ")} by ${text(data["who"])} at ${text(data["at"])}`;
    case "apply":
      return list(data["services"]).map(serviceOf).join(", ");
    case "health":
      return [text(data["status"]), ...list(data["checks"]).flatMap(unmetOf)].join("; ");
    case "slots":
      return `active ${text(data["active"])}, next ${text(data["next"])}`;
    default:
      return JSON.stringify(data);
  }
}

function serviceOf(value: unknown): string {
  const { name, action, status, reason } = asRecord(value) ?? {};
  return status === "ok"
    ? `${text(name)} ${text(action)}`
    : `${text(name)} failed: ${text(reason)}`;
}

function unmetOf(value: unknown): string[] {
  const { name, status, reason } = asRecord(value) ?? {};
  return status === "ok" && reason === undefined
    ? []
    : [`${text(name)} ${text(status)}: ${text(reason)}`];
}

function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function text(value: unknown): string {
  return typeof value === "string"
    ? value
    : value === null || value === undefined
      ? "none"
      : JSON.stringify(value);
}
