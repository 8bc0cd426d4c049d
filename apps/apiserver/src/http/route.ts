import type { IncomingHttpHeaders } from "node:http";
import type { Readable } from "node:stream";
import type { Role } from "@ballast/model";
import type * as z from "zod";
import type { Tunnel } from "./tunnel.ts";

/** Who sent a request. The local socket is guarded by its file mode and means admin; each host container has its own. */
export type Caller =
  | { readonly kind: "local"; readonly role: "admin" }
  /** Of the listener for metrics, where nobody says who they are. */
  | { readonly kind: "scraper"; readonly role: "reader" }
  | { readonly kind: "host-container"; readonly role: Role; readonly name: string }
  | {
      readonly kind: "remote";
      readonly role: Role;
      readonly subject: string;
      readonly serial: string;
    };

export interface Call<Query, Body> {
  readonly caller: Caller;
  readonly query: Query;
  readonly body: Body;
  readonly headers: IncomingHttpHeaders;
  /** What comes, there for a route with `takesBytes`; nothing bounds it but the handler. */
  readonly bytes?: AsyncIterable<Uint8Array>;
  /** Aborted when the client is gone or the server stops. */
  readonly signal: AbortSignal;
  /** Facts for the audit line: names of keys, never values. */
  readonly audit: Record<string, string>;
}

export interface Answer {
  readonly status: number;
  readonly json?: unknown;
  /** Instead of `json`: bytes of the route's `answerType`. */
  readonly stream?: Readable;
  /** Instead of `json`: text of the route's `answerType`, JSON when it has none. */
  readonly text?: string;
  /** Instead of `json`, of a route with `upgrade`: status and headers are sent, then what comes from here. */
  readonly tunnel?: Tunnel;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface Route<Query extends z.ZodType = z.ZodType, Body extends z.ZodType = z.ZodType> {
  readonly method: "GET" | "PATCH" | "POST" | "PUT" | "DELETE";
  readonly path: string;
  readonly role: Role;
  /** Only over the local socket, whatever the role. */
  readonly localOnly?: boolean;
  /** The protocol that a client goes over to; everywhere else an offer of another one is refused. */
  readonly upgrade?: "websocket";
  /** Answers without an end: a HEAD request must not start it. */
  readonly streams?: boolean;
  /** Content type of answers that are a stream (`application/x-ndjson` when absent) or text. */
  readonly answerType?: string;
  readonly query: Query;
  /** Absent: the route takes no body. One that takes undefined need not be sent. */
  readonly body?: Body;
  /** Instead of `body`: bytes of any length, which the handler reads as they come. */
  readonly takesBytes?: boolean;
  /** For the OpenAPI document: the form of a body that the handler itself checks, with errors of its own. */
  readonly documentedBody?: z.ZodType;
  /** 1 MiB when absent. */
  readonly bodyMaxBytes?: number;
  /** The act goes on after the answer, which has status 202. */
  readonly goesOn?: boolean;
  /** Absent: the route answers without a body, or with a stream. */
  readonly response?: z.ZodType;
  handle(call: Call<z.output<Query>, z.output<Body>>): Promise<Answer>;
}

/** Ties the handler's types to the schemas of its route. */
export function route<Query extends z.ZodType, Body extends z.ZodType = z.ZodUndefined>(
  definition: Route<Query, Body>,
): Route {
  return definition;
}
