import type { IncomingMessage, ServerResponse } from "node:http";
import { pipeline } from "node:stream/promises";
import { BallastError, toProblem } from "@ballast/errors";
import { errorFields, type Log } from "@ballast/service";
import { check, queryTable } from "./check-input.ts";
import { problemMeaning } from "./problem-status.ts";
import { drain, readJson } from "./read-body.ts";
import type { Answer, Caller, Route } from "./route.ts";
import { checkAccess, matchRoute } from "./router.ts";

export interface Handling {
  readonly routes: readonly Route[];
  readonly log: Log;
  /** Aborted when the server stops. */
  readonly stop: AbortSignal;
}

/** One request from its first byte to its answer. `identify` throws if the client has no role. Never rejects. */
export async function handleRequest(
  handling: Handling,
  identify: () => Caller,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const gone = new AbortController();
  response.on("close", () => {
    gone.abort();
  });
  const signal = AbortSignal.any([gone.signal, handling.stop]);
  const audit: Record<string, string> = {};
  let who = "unknown";
  let status: number;
  try {
    const caller = identify();
    who = callerName(caller);
    const answer = await answerOf(handling, caller, request, signal, audit);
    status = answer.status;
    await send(request, response, answer);
  } catch (error) {
    status = await sendProblem(request, response, error);
    if (status >= 500 && !signal.aborted)
      handling.log.error("Request failed", {
        ...errorFields(error),
        ...(error instanceof BallastError ? {} : { stack: stackOf(error) }),
      });
  }
  if (request.method !== "GET" && request.method !== "HEAD") {
    const path = (request.url ?? "").split("?", 1)[0] ?? "";
    handling.log.notice("API write", { who, method: request.method, path, ...audit, status });
  } else if (status === 403) handling.log.warn("API read refused", { who, path: request.url });
}

async function answerOf(
  handling: Handling,
  caller: Caller,
  request: IncomingMessage,
  signal: AbortSignal,
  audit: Record<string, string>,
): Promise<Answer> {
  const url = request.url ?? "/";
  const at = url.indexOf("?");
  const path = at === -1 ? url : url.slice(0, at);
  const route = matchRoute(handling.routes, request.method ?? "GET", path);
  checkAccess(route, caller);
  const query = check(
    route.query,
    queryTable(at === -1 ? "" : url.slice(at + 1)),
    "apiserver.bad-query",
    "Query parameter",
  );
  const body =
    route.body === undefined
      ? undefined
      : check(
          route.body,
          await readJson(request, route.bodyMaxBytes),
          "apiserver.bad-body",
          "Body member",
        );
  if (route.streams === true && request.method === "HEAD") return { status: 200, headers: NDJSON };
  return route.handle({ caller, query, body, headers: request.headers, signal, audit });
}

const NDJSON = { "content-type": "application/x-ndjson" };

async function send(
  request: IncomingMessage,
  response: ServerResponse,
  answer: Answer,
): Promise<void> {
  response.statusCode = answer.status;
  response.setHeader("cache-control", "no-store");
  for (const [name, value] of Object.entries(answer.headers ?? {})) response.setHeader(name, value);
  if (answer.stream !== undefined) {
    response.setHeader("content-type", NDJSON["content-type"]);
    response.flushHeaders();
    try {
      await pipeline(answer.stream, response);
    } catch (error) {
      // A client that went away is the ordinary end of a followed log.
      if (!response.destroyed) throw error;
    }
    return;
  }
  if (answer.json === undefined) {
    response.end();
    return;
  }
  const text = JSON.stringify(answer.json);
  response.setHeader("content-type", "application/json");
  response.setHeader("content-length", Buffer.byteLength(text));
  response.end(request.method === "HEAD" ? undefined : text);
}

async function sendProblem(
  request: IncomingMessage,
  response: ServerResponse,
  error: unknown,
): Promise<number> {
  const { status, title } = problemMeaning(error);
  if (response.headersSent || response.destroyed) {
    // Too late for a status: a cut connection is the only way to say that the answer is not whole.
    response.destroy();
    return status;
  }
  response.statusCode = status;
  response.setHeader("cache-control", "no-store");
  const allow = error instanceof BallastError ? error.details["allow"] : undefined;
  if (typeof allow === "string") response.setHeader("allow", allow);
  const problem =
    error instanceof BallastError
      ? toProblem(error, status, title)
      : { type: "about:blank", title, status, detail: "See the journal of apiserver.service" };
  const text = JSON.stringify(problem);
  response.setHeader("content-type", "application/problem+json");
  response.setHeader("content-length", Buffer.byteLength(text));
  if (request.complete) {
    response.end(request.method === "HEAD" ? undefined : text);
    return status;
  }
  // An unread rest of the body would be taken for the next request.
  response.setHeader("connection", "close");
  response.write(text);
  await drain(request);
  response.end();
  return status;
}

export function callerName(caller: Caller): string {
  return caller.kind === "local" ? "local" : `${caller.subject} serial=${caller.serial}`;
}

function stackOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
