import { setTimeout as delay } from "node:timers/promises";
import {
  ApiClientError,
  ApiError,
  asRecord,
  safeText,
  streamEvents,
  type ApiClient,
  type StreamedEvent,
} from "@ballast/api-client";
import { describeError } from "@ballast/errors";
import type { ProgramContext } from "@ballast/service";
import { createPaint, type Paint } from "../paint.ts";

/** The server sends something every 15 s, if only to say that it is there. */
const SILENCE_MAX_MS = 60_000;
const PAUSE_MIN_MS = 1000;
const PAUSE_MAX_MS = 30_000;

/**
 * Shows events until the caller stops it. A connection that was there once is made again when it is lost; one that cannot
 * be made in the first place, or that the machine refuses, is a failure.
 */
export async function runWatch(
  context: ProgramContext,
  client: ApiClient,
  { json }: { readonly json: boolean },
): Promise<never> {
  const { signal, log } = context;
  const paint = createPaint(context);
  let pauseMs = PAUSE_MIN_MS;
  for (let hasBegun = false; ;) {
    try {
      for await (const event of streamEvents(client, { signal, idleTimeoutMs: SILENCE_MAX_MS })) {
        hasBegun = true;
        pauseMs = PAUSE_MIN_MS;
        await context.stdout(
          json
            ? `${JSON.stringify({ event: event.name, data: event.data })}\n`
            : lineOf(event, paint),
        );
      }
      log.notice("The machine has ended its events: connecting again");
    } catch (error) {
      if (!hasBegun || !isLost(error)) throw error;
      log.notice("The machine is not reached: connecting again", {
        seconds: pauseMs / 1000,
        reason: safeText(describeError(error).split("\n", 1)[0] ?? ""),
      });
    }
    await delay(pauseMs, undefined, { signal });
    pauseMs = Math.min(2 * pauseMs, PAUSE_MAX_MS);
  }
}

/** A machine that starts again or is too busy; not one that says no. */
function isLost(error: unknown): boolean {
  if (error instanceof ApiError) return error.status === 503;
  return error instanceof ApiClientError;
}

function lineOf(event: StreamedEvent, paint: Paint): string {
  const what = safeText(describe(event)).replaceAll("\n", " ");
  return `${paint("strong", `${safeText(event.name)}:`)} ${what}\n`;
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
    case "updates":
      return updatesOf(data);
    default:
      return JSON.stringify(data);
  }
}

function updatesOf(data: Readonly<Record<string, unknown>>): string {
  const chosen = asRecord(data["chosen_update"])?.["version"];
  const progress = asRecord(data["progress"]);
  return [
    text(data["update_state"]),
    ...(chosen === undefined ? [] : [text(chosen)]),
    ...(progress === undefined ? [] : [`${text(progress["command"])}: ${text(progress["phase"])}`]),
  ].join(", ");
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
