import * as fs from "node:fs";
import { createServer, type IncomingMessage } from "node:http";
import * as os from "node:os";
import * as path from "node:path";
import { afterAll, beforeAll, beforeEach } from "vitest";

export interface Reply {
  readonly status: number;
  /** A text is sent as it is, anything else as JSON. */
  readonly body?: unknown;
}

export interface Seen {
  readonly line: string;
  readonly body: string;
  readonly ifMatch: string | undefined;
}

/** A server on a socket that answers as a test says, in the place of a machine. */
export interface PlayedApi {
  /** Of the test; removed when its file is done. */
  readonly folder: string;
  readonly socket: string;
  /** What makes apiclient call it. */
  readonly env: { readonly BALLAST_SOCKET: string };
  /** What is answered to `METHOD /path`, without the query; a list is answered one by one, anything else with 404. */
  replies: Record<string, Reply | Reply[]>;
  seen: Seen[];
  /** The lines that were seen, with what is random about names of transactions as X. */
  lines(): string[];
}

/** Starts the server for the tests of a file; each begins with nothing answered and nothing seen. */
export function playedApi(): PlayedApi {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "apiclient-"));
  const socket = path.join(folder, "api.sock");
  const api: PlayedApi = {
    folder,
    socket,
    env: { BALLAST_SOCKET: socket },
    replies: {},
    seen: [],
    lines: () => api.seen.map(({ line }) => line.replace(/-[0-9a-f]{16}/, "-X")),
  };
  const server = createServer((request, response) => {
    void bodyOf(request).then((body) => {
      const ifMatch = request.headers["if-match"];
      api.seen.push({ line: `${request.method} ${request.url}`, body, ifMatch });
      const { status, body: answer } = nextReply(api, request);
      const isAnswer = status < 400 || status === 503;
      const type = isAnswer ? "application/json" : "application/problem+json";
      response.writeHead(status, { "content-type": type, etag: '"e"' });
      response.end(typeof answer === "string" ? answer : JSON.stringify(answer));
    });
  });
  beforeAll(() => new Promise<void>((resolve) => server.listen(socket, resolve)));
  afterAll(() => {
    server.closeAllConnections();
    server.close();
    fs.rmSync(folder, { recursive: true });
  });
  beforeEach(() => {
    api.seen = [];
    api.replies = {};
  });
  return api;
}

function nextReply(api: PlayedApi, request: IncomingMessage): Reply {
  const found = api.replies[`${request.method} ${request.url?.split("?")[0]}`];
  return (Array.isArray(found) ? found.shift() : found) ?? { status: 404 };
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  let body = "";
  for await (const chunk of request) body += String(chunk);
  return body;
}
