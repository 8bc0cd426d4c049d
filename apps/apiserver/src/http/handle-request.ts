import { STATUS_CODES, type IncomingMessage, type ServerResponse } from "node:http";
import { pipeline } from "node:stream/promises";
import { BallastError, toProblem } from "@ballast/errors";
import { errorFields, type Log } from "@ballast/service";
import type { RequestCounter } from "../metrics/request-counter.ts";
import { boundBody } from "./bound-body.ts";
import { check, queryTable } from "./check-input.ts";
import { problemMeaning } from "./problem-status.ts";
import { drain, readJson } from "./read-body.ts";
import type { Answer, Caller, Route } from "./route.ts";
import { checkAccess, matchRoute } from "./router.ts";
import { runTunnel, type Tunnel } from "./tunnel.ts";
import { checkUpgrade, checkWebsocketHandshake, upgradesOf } from "./upgrade.ts";

export interface Handling {
  readonly routes: readonly Route[];
  readonly log: Log;
  readonly requests: RequestCounter;
  /** Aborted when the server stops. */
  readonly stop: AbortSignal;
}

/** Who a client is, and how long that holds. */
export interface Identity {
  readonly caller: Caller;
  /** Asked by answers without an end; without it they go on for as long as the client likes. */
  readonly ends?: () => AbortSignal;
}

/**
 * One request from its first byte to its answer. `identify` throws if the client has no role; `head` is there if the connection
 * can go over to another protocol. Never rejects.
 */
export async function handleRequest(
  handling: Handling,
  identify: () => Identity,
  request: IncomingMessage,
  response: ServerResponse,
  head?: Buffer,
): Promise<void> {
  const audit: Record<string, string> = {};
  const unbound = boundBody(request, response);
  let caller: Caller | undefined;
  let status: number;
  try {
    const identity = identify();
    ({ caller } = identity);
    const exchange = { request, response, isUpgrade: head !== undefined, unbound };
    const answer = await answerOf(handling, identity, exchange, audit);
    status = answer.status;
    count(handling, request, status);
    if (answer.tunnel === undefined) await send(request, response, answer);
    else await sendUpgrade(response, answer, answer.tunnel, head);
  } catch (error) {
    const isCounted = response.headersSent;
    status = await sendProblem(request, response, error);
    if (!isCounted) count(handling, request, status);
    if (status >= 500 && !response.closed && !handling.stop.aborted)
      handling.log.error("Request failed", {
        ...errorFields(error),
        ...(error instanceof BallastError ? {} : { stack: stackOf(error) }),
      });
  }
  writeAudit(handling.log, request, caller, audit, status);
}

function count(
  { requests }: Handling,
  { method, url = "" }: IncomingMessage,
  status: number,
): void {
  requests.count(method ?? "", url.split("?", 1)[0] ?? "", status);
}

/** One line for each write, done or refused, and for each read that is refused. */
function writeAudit(
  log: Log,
  { method, url = "" }: IncomingMessage,
  caller: Caller | undefined,
  audit: Readonly<Record<string, string>>,
  status: number,
): void {
  const isRead = method === "GET" || method === "HEAD";
  if (isRead && status !== 403) return;
  const who = caller === undefined ? "unknown" : callerName(caller);
  const path = (url.split("?", 1)[0] ?? "").slice(0, AUDIT_PATH_MAX_LENGTH);
  const fields = { who, role: caller?.role ?? "none", method, path, ...audit, status };
  if (isRead) log.warn("API read refused", fields);
  else log.notice("API write", fields);
}

interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly isUpgrade: boolean;
  /** Takes the bound on the time of the body off. */
  readonly unbound: () => void;
}

async function answerOf(
  handling: Handling,
  { caller, ends }: Identity,
  { request, response, isUpgrade, unbound }: Exchange,
  audit: Record<string, string>,
): Promise<Answer> {
  const url = request.url ?? "/";
  const at = url.indexOf("?");
  const path = at === -1 ? url : url.slice(0, at);
  const route = matchRoute(handling.routes, request.method ?? "GET", path);
  checkAccess(route, caller);
  checkUpgrade(route, request.headers);
  if (route.upgrade !== undefined) checkWebsocketHandshake(request.headers, isUpgrade);
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
          await readJson(request, route.bodyMaxBytes, route.body.safeParse(undefined).success),
          "apiserver.bad-body",
          "Body member",
        );
  if (route.streams === true && request.method === "HEAD")
    return { status: 200, headers: { "content-type": route.answerType ?? NDJSON } };
  const isLong = route.streams === true || route.upgrade !== undefined;
  const end = isLong ? ends?.() : undefined;
  if (route.takesBytes === true) unbound();
  const answer = await route.handle({
    caller,
    query,
    body,
    // Leaving the loop must not destroy the connection on which the refusal is to be answered.
    bytes: { [Symbol.asyncIterator]: () => request.iterator({ destroyOnReturn: false }) },
    headers: request.headers,
    // Made when it is asked for: most answers are there before a client can go.
    get signal() {
      return AbortSignal.any([goneSignal(response), handling.stop, ...(end ? [end] : [])]);
    },
    audit,
  });
  return route.answerType === undefined
    ? answer
    : { ...answer, headers: { "content-type": route.answerType, ...answer.headers } };
}

/** Aborted when the client is gone. */
function goneSignal(response: ServerResponse): AbortSignal {
  const gone = new AbortController();
  const abort = (): void => {
    gone.abort();
  };
  if (response.closed) abort();
  else response.once("close", abort);
  return gone.signal;
}

const NDJSON = "application/x-ndjson";
const AUDIT_PATH_MAX_LENGTH = 200;
/** Headers that a refusal tells in its details. */
const REFUSAL_HEADERS = ["allow", "upgrade", "sec-websocket-version"] as const;

async function send(
  request: IncomingMessage,
  response: ServerResponse,
  answer: Answer,
): Promise<void> {
  response.statusCode = answer.status;
  response.setHeader("cache-control", "no-store");
  for (const [name, value] of Object.entries(answer.headers ?? {})) response.setHeader(name, value);
  if (answer.stream !== undefined) {
    if (!response.hasHeader("content-type")) response.setHeader("content-type", NDJSON);
    response.flushHeaders();
    try {
      await pipeline(answer.stream, response);
    } catch (error) {
      // A client that went away is the ordinary end of a followed log.
      if (!response.destroyed) throw error;
    }
    return;
  }
  const text = answer.text ?? (answer.json === undefined ? "" : JSON.stringify(answer.json));
  if (text === "") {
    response.end();
    return;
  }
  if (!response.hasHeader("content-type")) response.setHeader("content-type", "application/json");
  response.setHeader("content-length", Buffer.byteLength(text));
  response.end(request.method === "HEAD" ? undefined : text);
}

/** The response only held the socket: what is sent is no answer with a body, and what follows none of HTTP. */
async function sendUpgrade(
  { socket }: ServerResponse,
  { status, headers = {} }: Answer,
  tunnel: Tunnel,
  head: Uint8Array = new Uint8Array(),
): Promise<void> {
  if (socket === null) {
    tunnel.socket.destroy();
    return;
  }
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  socket.write(`HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n${lines.join("")}\r\n`);
  await runTunnel(socket, head, tunnel);
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
  const details = error instanceof BallastError ? error.details : {};
  for (const name of REFUSAL_HEADERS) {
    const value = details[name];
    if (typeof value === "string") response.setHeader(name, value);
  }
  // What comes next may be of the other protocol already.
  if (upgradesOf(request.headers).length > 0) response.setHeader("connection", "close");
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
  if (caller.kind === "local" || caller.kind === "scraper") return caller.kind;
  return caller.kind === "host-container"
    ? `host-container ${caller.name}`
    : `${caller.subject} serial=${caller.serial}`;
}

function stackOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
