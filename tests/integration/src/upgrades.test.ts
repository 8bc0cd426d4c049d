import { connect } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startMachine, type Machine } from "./machine.ts";
import { Trust } from "./remote-machine.ts";

let machine: Machine;
beforeAll(async () => {
  machine = await startMachine();
});
afterAll(async () => {
  await machine[Symbol.asyncDispose]();
});

const HANDSHAKE = [
  "Connection: Upgrade",
  "Upgrade: websocket",
  "Sec-WebSocket-Version: 13",
  "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
];

/** One request as bytes, and all that comes back until the server closes, with or without having read all of it. */
async function raw(line: string, headers: readonly string[], rest: Buffer = Buffer.alloc(0)) {
  const socket = connect(machine.socket);
  let answer = "";
  socket.on("data", (chunk: Buffer) => {
    answer += chunk.toString();
  });
  socket.on("error", () => undefined);
  const head = Buffer.from(`${[line, "Host: x", ...headers].join("\r\n")}\r\n\r\n`);
  socket.write(Buffer.concat([head, rest]));
  await new Promise((resolve) => socket.once("close", resolve));
  return { status: Number(/^HTTP\/1\.1 (\d+)/.exec(answer)?.[1]), answer };
}

describe("GET /exec", () => {
  it("answers a websocket's handshake with 503 and closes while no manager runs, whatever comes behind it", async () => {
    const frames = Buffer.from([0x81, 0x85, 1, 2, 3, 4, 0x69, 0x67, 0x6f, 0x68, 0x6e]);
    for (const rest of [Buffer.alloc(0), frames, Buffer.alloc(100_000, 0xff)]) {
      const { status, answer } = await raw("GET /exec HTTP/1.1", HANDSHAKE, rest);
      expect(status).toBe(503);
      expect(answer).toContain("the manager of containers does not run");
      expect(answer.toLowerCase()).toContain("\r\nconnection: close\r\n");
    }
  });

  it.each([
    ["no handshake", [], 426],
    ["another version", HANDSHAKE.map((line) => line.replace("13", "8")), 426],
    ["no key", HANDSHAKE.slice(0, 3), 400],
  ])("refuses %s", async (_name, headers, status) => {
    const reply = await raw("GET /exec HTTP/1.1", [...headers, "Connection: close"]);
    expect(reply.status).toBe(status);
    expect(/\r\nupgrade: websocket\r\n/i.test(reply.answer)).toBe(status === 426);
  });

  it("takes no handshake by HEAD", async () => {
    expect((await raw("HEAD /exec HTTP/1.1", HANDSHAKE)).status).toBe(426);
  });
});

it("GET /exec is for admins over TLS, and answers them as the socket does", async () => {
  const trust = await Trust.create();
  const { machine: other, port } = await trust.start();
  await using _ = other;
  const headers = Object.fromEntries(HANDSHAKE.map((line) => line.split(": ")));
  const statuses = ["reader", "operator", "admin"] as const;
  const replies = await Promise.all(
    statuses.map((role) => trust.call(port, trust.as(role), "GET", "/exec", { headers })),
  );
  expect(replies.map(({ status }) => status)).toEqual([403, 403, 503]);
  const os = await trust.call(port, trust.as("admin"), "GET", "/os", { headers });
  expect(os.status).toBe(400);
});

describe("an upgrade elsewhere", () => {
  it.each([
    ["GET /os HTTP/1.1", 400],
    ["GET /settings HTTP/1.1", 400],
    ["GET /events HTTP/1.1", 400],
    ["POST /actions/reboot HTTP/1.1", 400],
    ["GET /nothing HTTP/1.1", 404],
    ["PATCH /exec HTTP/1.1", 405],
    ["GET /os HTTP/1.0", 400],
  ])("%s is refused, and the connection closed", async (line, status) => {
    const reply = await raw(line, HANDSHAKE, Buffer.from([0x81, 0x80, 0, 0, 0, 0]));
    expect(reply.status).toBe(status);
    expect(reply.answer).not.toContain(" 101 ");
    expect((await machine.call("GET", "/os")).status).toBe(200);
  });

  it("is passed over when it is only the offer of HTTP/2", async () => {
    const headers = { connection: "Upgrade, HTTP2-Settings", upgrade: "h2c", "http2-settings": "" };
    expect((await machine.call("GET", "/os", { headers })).status).toBe(200);
  });
});
