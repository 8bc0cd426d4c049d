import { once } from "node:events";
import {
  createServer as createHttpServer,
  type IncomingMessage,
  type ServerResponse,
} from "node:http";
import { createServer, type AddressInfo, type Server, type Socket } from "node:net";
import { createNodeClock } from "@ballast/system";
import { describe, expect, it, onTestFinished } from "vitest";
import { createMetadata, type MetadataAnswer } from "./metadata-service.ts";

const PATH = "/latest/user-data";
const TOKEN = "AQAEAM==";
const MAX_BYTES = 1024;

type Handle = (request: IncomingMessage, response: ServerResponse) => void;

async function listen(server: Server): Promise<number> {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => {
    server.close();
  });
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- it listens on TCP
  return (server.address() as AddressInfo).port;
}

/** A service that gives tokens; what it was asked is in `asked`. */
async function serve(answer: Handle, asked: string[] = [], giveToken: Handle = ok(TOKEN)) {
  const server = createHttpServer((request, response) => {
    const { method, url, headers } = request;
    asked.push(`${method} ${url} ${String(headers["x-aws-ec2-metadata-token"] ?? "-")}`);
    if (url === "/latest/api/token") giveToken(request, response);
    else answer(request, response);
  });
  onTestFinished(() => {
    server.closeAllConnections();
  });
  return listen(server);
}

function ok(body: string | Buffer): Handle {
  return (_request, response) => response.end(body);
}

function status(code: number, headers: Record<string, string> = {}): Handle {
  return (_request, response) => response.writeHead(code, headers).end("body of an error");
}

function get(
  port: number,
  { requestLimitMs = 300, limitMs = 1000 } = {},
  stop?: AbortSignal,
): Promise<MetadataAnswer> {
  const metadata = createMetadata({
    address: { host: "127.0.0.1", port },
    clock: createNodeClock(),
    requestLimitMs,
  });
  return metadata.get(PATH, { maxBytes: MAX_BYTES, limitMs }, stop ?? new AbortController().signal);
}

/** A server that says on each connection what `talk` does. */
function raw(talk: (socket: Socket) => void): Promise<number> {
  const sockets: Socket[] = [];
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
  });
  return listen(
    createServer((socket) => {
      sockets.push(socket);
      socket.on("error", () => undefined);
      talk(socket);
    }),
  );
}

/** Headers that never end, too slowly for a limit of silence. */
function drip(socket: Socket): void {
  socket.write("HTTP/1.1 200 OK\r\nx: ");
  const timer = setInterval(() => socket.write("x"), 50);
  socket.on("close", () => {
    clearInterval(timer);
  });
}

describe("metadata service", () => {
  it("asks with a token, which it gets by PUT with a time to live", async () => {
    const asked: string[] = [];
    const lives: unknown[] = [];
    const port = await serve(ok("data"), asked, (request, response) => {
      lives.push(request.headers["x-aws-ec2-metadata-token-ttl-seconds"]);
      response.end(TOKEN);
    });
    expect(await get(port)).toEqual({ found: true, bytes: Buffer.from("data") });
    expect(asked).toEqual(["PUT /latest/api/token -", `GET ${PATH} ${TOKEN}`]);
    expect(lives).toEqual(["60"]);
  });

  it("tells when there is nothing, or the service is turned off", async () => {
    const asked: string[] = [];
    expect(await get(await serve(status(404), asked))).toEqual({
      found: false,
      reason: "this instance has none",
    });
    expect(await get(await serve(ok("x"), asked, status(403)))).toEqual({
      found: false,
      reason: "the metadata service of this instance is turned off",
    });
    expect(asked).toHaveLength(3);
  });

  const finals: [string, Handle, Handle, string, number][] = [
    ["no tokens", ok("x"), status(404), "status 404", 1],
    ["no tokens for us", ok("x"), status(400), "status 400", 1],
    ["an empty token", ok("x"), ok(""), "not one word", 1],
    ["a token of two lines", ok("x"), ok("a\r\nhost: evil"), "not one word", 1],
    ["a token without end", ok("x"), ok("a".repeat(5000)), "longer than 1024 bytes", 1],
    ["a token elsewhere", ok("x"), status(307, { location: "/elsewhere" }), "status 307", 1],
    ["a redirect", status(302, { location: "/elsewhere" }), ok(TOKEN), "status 302", 2],
    ["403", status(403), ok(TOKEN), "status 403", 2],
    ["204", status(204), ok(TOKEN), "status 204", 2],
    ["no token that it accepts", status(401), ok(TOKEN), "status 401", 4],
    ["too much", ok("x".repeat(MAX_BYTES + 1)), ok(TOKEN), "longer than 1024 bytes", 2],
  ];
  it.each(finals)("ends with %s", async (_name, answer, giveToken, reason, requests) => {
    const asked: string[] = [];
    const failed = get(await serve(answer, asked, giveToken));
    await expect(failed).rejects.toThrow(`Cannot get "${PATH}" from the metadata service of EC2`);
    await expect(failed).rejects.toMatchObject({
      cause: { message: expect.stringContaining(reason) },
    });
    expect(asked).toHaveLength(requests);
    expect(asked.filter((line) => line.includes("elsewhere"))).toEqual([]);
  });

  it("ends with too much that is announced as little, without end", async () => {
    const port = await serve((_request, response) => {
      const timer = setInterval(() => response.write("x".repeat(500)), 5);
      response.on("close", () => {
        clearInterval(timer);
      });
    });
    await expect(get(port)).rejects.toMatchObject({ code: "apiserver.source-too-large" });
  });

  it.each([
    ["garbage", (socket: Socket) => socket.end("\u0000\u0001garbage\r\n\r\n")],
    [
      "headers without end",
      (socket: Socket) => socket.write(`HTTP/1.1 200 OK\r\na: ${"x".repeat(20_000)}`),
    ],
    ["another protocol", (socket: Socket) => socket.end("SSH-2.0-x\r\n")],
  ])("ends at once with %s", async (_name, talk) => {
    await expect(get(await raw(talk), { limitMs: 60_000 })).rejects.toMatchObject({
      code: "apiserver.source-bad-answer",
    });
  });

  it.each([
    ["500", () => serve(status(500)), "status 500"],
    ["429", () => serve(status(429)), "status 429"],
    ["silence", () => raw(() => undefined), "took longer than"],
    ["a byte now and then", () => raw(drip), "took longer than"],
    [
      "a cut answer",
      () => raw((socket) => socket.end("HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nx")),
      "no answer",
    ],
    ["a cut connection", () => raw((socket) => socket.destroy()), "no answer"],
  ])("asks again after %s, and ends in time", async (_name, start, reason) => {
    const port = await start();
    const startMs = performance.now();
    const failed = get(port);
    await expect(failed).rejects.toThrow("within 1 s");
    await expect(failed).rejects.toMatchObject({
      code: "apiserver.source-unreachable",
      cause: { message: expect.stringContaining(reason) },
    });
    expect(performance.now() - startMs).toBeLessThan(1500);
  });

  it("takes the answer of a service that comes up late, and a second token", async () => {
    const asked: string[] = [];
    let requests = 0;
    const port = await serve((request, response) => {
      requests += 1;
      (requests === 1 ? status(503) : requests === 2 ? status(401) : ok("data"))(request, response);
    }, asked);
    expect(await get(port, { limitMs: 5000 })).toMatchObject({ found: true });
    expect(asked).toHaveLength(6);
  });

  it("takes a connection that is refused at first", async () => {
    const server = createServer();
    const port = await listen(server);
    server.close();
    const answer = get(port, { limitMs: 10_000 });
    await createNodeClock().sleep(300);
    const late = createHttpServer((_request, response) => response.end("late"));
    late.listen(port, "127.0.0.1");
    onTestFinished(() => {
      late.close();
    });
    expect(await answer).toMatchObject({ found: true });
  });

  it("ends at once when the program is stopped", async () => {
    const stop = new AbortController();
    const answer = get(
      await raw(() => undefined),
      { requestLimitMs: 60_000, limitMs: 60_000 },
      stop.signal,
    );
    stop.abort(new Error("stopped"));
    await expect(answer).rejects.toThrow("stopped");
  });
});
