import { connect } from "node:net";
import { text } from "node:stream/consumers";
import { setTimeout as delay } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startMachine, type Machine } from "./machine.ts";

let machine: Machine;
/** What became of a body whose bytes come one a second: begun first, because that takes half a minute. */
let trickled: Promise<{ readonly answer: string; readonly seconds: number }>;
beforeAll(async () => {
  machine = await startMachine();
  trickled = trickle();
});
afterAll(async () => {
  await machine[Symbol.asyncDispose]();
});

function raw(bytes: string): Promise<string> {
  const socket = connect(machine.socket);
  socket.write(bytes);
  return text(socket);
}

async function trickle(): Promise<{ answer: string; seconds: number }> {
  const beganMs = performance.now();
  const socket = connect(machine.socket);
  socket.on("error", () => undefined);
  socket.write('PATCH /settings HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n{"motd": "');
  const drop = setInterval(() => socket.write("x"), 1000);
  const answer = await text(socket).catch(() => "reset");
  clearInterval(drop);
  return { answer, seconds: (performance.now() - beganMs) / 1000 };
}

describe("bad bodies", () => {
  const bodies: [string, string | Buffer, number][] = [
    ["nothing", "", 400],
    ["truncated JSON", '{"motd": "x', 400],
    ["bytes that are not UTF-8", Buffer.from([0x22, 0xff, 0x22]), 400],
    ["an array", "[]", 400],
    ["a number", "1", 400],
    ["null", "null", 400],
    ["an unknown key", '{"nope": 1}', 400],
    ["an unknown nested key", '{"network": {"nope": 1}}', 400],
    ["__proto__", '{"__proto__": {"motd": "x"}}', 400],
    ["nested __proto__", '{"network": {"__proto__": {"hostname": "x"}}}', 400],
    ["constructor.prototype", '{"constructor": {"prototype": {"x": 1}}}', 400],
    ["deep tables", '{"a":'.repeat(100_000) + "1" + "}".repeat(100_000), 400],
    ["deep arrays", "[".repeat(500_000), 400],
    ["deep closed arrays", `{"motd":${"[".repeat(200_000)}${"]".repeat(200_000)}}`, 400],
    ["an unknown group", '{"nope": {"deep": {"er": 1}}}', 400],
    ["another type", '{"network": {"hostname": 7}}', 400],
    ["a number out of range", '{"api": {"remote": {"port": 65536}}}', 400],
    ["a fraction for a whole number", '{"api": {"remote": {"port": 1.5}}}', 400],
    ["a path for a key", '{"../../../etc/passwd": "x"}', 400],
    ["a path for a nested key", '{"network": {"/etc/hostname": "x"}}', 400],
    ["a path for a name", '{"health": {"../../motd": {"tcp": "127.0.0.1:1"}}}', 400],
    ["a key of dots", '{"network.hostname": "x", ".": "x", "": "x"}', 400],
    ["a hostile name of an entry", '{"health": {"__proto__": {"tcp": "127.0.0.1:1"}}}', 400],
    ["an overlong encoding of UTF-8", Buffer.from([0x7b, 0x22, 0xc0, 0xae, 0x22, 0x7d]), 400],
    ["UTF-16", Buffer.from('{"motd": "x"}', "utf16le"), 400],
    ["a bad hostname", '{"network": {"hostname": "a\\nkernel.x = 1"}}', 400],
    ["a lone surrogate", '{"motd": "\\ud800"}', 400],
    ["too many bytes", `{"motd": "${"x".repeat(1024 * 1024)}"}`, 413],
  ];

  it.each(bodies)("with %s are refused and stage nothing", async (_name, body, status) => {
    const reply = await machine.call("PATCH", "/settings", { raw: body });
    expect([reply.status, reply.headers["content-type"]]).toEqual([
      status,
      "application/problem+json",
    ]);
    expect(reply.text.length).toBeLessThan(10_000);
    expect((await machine.call("GET", "/tx")).json).toEqual({});
    expect((await machine.call("GET", "/os")).status).toBe(200);
  });

  it("name the key and the rule, not the value", async () => {
    const reply = await machine.call("PATCH", "/settings", {
      body: { network: { hostname: "Secret-Name" } },
    });
    expect(reply.text).toContain("settings.network.hostname");
    expect(reply.text).not.toContain("Secret-Name");
  });

  it("of a good and a bad key stage neither", async () => {
    const reply = await machine.call("PATCH", "/settings", {
      body: { motd: "good", network: { hostname: "-" } },
    });
    expect(reply.status).toBe(400);
    expect((await machine.call("GET", "/tx/list")).json).toEqual([]);
  });

  it("of another type are refused", async () => {
    const headers = { "content-type": "text/plain" };
    expect((await machine.call("PATCH", "/settings", { raw: "{}", headers })).status).toBe(415);
  });

  it("without a length are cut at the limit", async () => {
    const chunk = `10000\r\n${"x".repeat(0x10000)}\r\n`;
    const answer = await raw(
      `PATCH /settings HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n${chunk.repeat(20)}0\r\n\r\n`,
    ).catch(() => "reset");
    expect(answer).toMatch(/413|reset/);
    expect((await machine.call("GET", "/os")).status).toBe(200);
  });
});

async function residentMiB(): Promise<number> {
  const { text: metrics } = await machine.call("GET", "/metrics");
  return Number(/^process_resident_memory_bytes (\d+)$/m.exec(metrics)?.[1]) / 1024 ** 2;
}

describe("a body of 100 MB", () => {
  const PART = Buffer.alloc(1024 * 1024, "x");

  /** Sends until the server has enough; answers what it said. */
  function send(head: string, frame: (part: Buffer) => Buffer): Promise<string> {
    const socket = connect(machine.socket);
    socket.on("error", () => undefined);
    socket.write(`PATCH /settings HTTP/1.1\r\nHost: x\r\n${head}\r\n\r\n`);
    for (let count = 0; count < 100; count += 1) socket.write(frame(PART));
    return text(socket).catch(() => "reset");
  }

  it.each([
    ["with its length", "Content-Length: 104857600", (part: Buffer) => part],
    [
      "in chunks",
      "Transfer-Encoding: chunked",
      (part: Buffer) => Buffer.concat([Buffer.from("100000\r\n"), part, Buffer.from("\r\n")]),
    ],
  ])("%s is not read to its end, and not kept", async (_name, head, frame) => {
    const before = await residentMiB();
    const answers = await Promise.all([send(head, frame), send(head, frame), send(head, frame)]);
    for (const answer of answers) expect(answer).toMatch(/413|reset/);
    expect((await residentMiB()) - before).toBeLessThan(100);
    expect((await machine.call("GET", "/tx/list")).json).toEqual([]);
  });
});

describe("ten thousand entries", () => {
  it.each([
    ["health", "check", { tcp: "127.0.0.1:1" }],
    ["containers", "container", { image: "registry.example.org/a:1" }],
    ["kernel.sysctl", "net.ipv4.x", "1"],
  ])("of %s are refused as a whole, within time and memory", async (group, name, entry) => {
    const entries = Object.fromEntries(
      Array.from({ length: 10_000 }, (_, number) => [`${name}-${number}`, entry]),
    );
    const body = group
      .split(".")
      .reduceRight<unknown>((inner, segment) => ({ [segment]: inner }), entries);
    const memoryBefore = await residentMiB();
    const before = performance.now();
    const reply = await machine.set(body);
    expect(reply.status).toBe(400);
    expect(reply.text).toContain(group);
    expect(reply.text.length).toBeLessThan(64 * 1024);
    expect(performance.now() - before).toBeLessThan(10_000);
    expect((await residentMiB()) - memoryBefore).toBeLessThan(150);
    expect((await machine.call("GET", `/settings?prefix=${group}`)).text).not.toContain(
      `${name}-1`,
    );
    await machine.call("DELETE", "/tx");
    expect((await machine.call("GET", "/tx/list")).json).toEqual([]);
  });
});

describe("settings that contradict each other", () => {
  it("are refused when they are committed, by key, and nothing is changed", async () => {
    const etag = (await machine.call("GET", "/settings")).headers.etag;
    const body = { health: { web: { tcp: "127.0.0.1:1", unit: "web.service" } } };
    const reply = await machine.set(body);
    expect([reply.status, reply.text.includes("health.web")]).toEqual([400, true]);
    expect((await machine.call("GET", "/settings")).headers.etag).toBe(etag);
    await machine.call("DELETE", "/tx");
  });
});

describe("bad requests", () => {
  it.each([
    "/settings?keys=__proto__",
    "/settings?keys=constructor.prototype",
    "/settings?keys=../../etc/passwd",
    "/settings?prefix=network/hostname",
    "/settings?keys=motd&keys=motd",
    "/settings?nope=1",
    "/settings?keys=%00",
    "/settings?keys=%ff",
  ])("GET %s is refused", async (path) => {
    const reply = await machine.call("GET", path);
    expect([reply.status, reply.headers["content-type"]]).toEqual([
      400,
      "application/problem+json",
    ]);
  });

  it.each([
    ["a bad transaction name", "/settings?tx=a/b"],
    ["an empty transaction name", "/settings?tx="],
    ["a long transaction name", `/settings?tx=${"x".repeat(65)}`],
  ])("with %s are refused", async (_name, path) => {
    expect((await machine.call("PATCH", path, { body: { motd: "x" } })).status).toBe(400);
  });

  it("that are not HTTP get 400 and lose the connection", async () => {
    expect(await raw("GET\r\n\r\n")).toContain("400 Bad Request");
    expect(await raw("\u0016\u0003\u0001garbage\r\n\r\n")).toContain("400");
  });

  it("with too large headers get 431", async () => {
    expect(await raw(`GET /os HTTP/1.1\r\nHost: x\r\nX: ${"x".repeat(20_000)}\r\n\r\n`)).toContain(
      "431",
    );
  });

  it("that end in the middle of a body change nothing", async () => {
    const socket = connect(machine.socket);
    socket.write('PATCH /settings HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{"motd": "x"}');
    await delay(200);
    socket.destroy();
    await delay(200);
    expect((await machine.call("GET", "/tx")).json).toEqual({});
  });

  it("that trickle do not hold up others and are cut", async () => {
    const before = performance.now();
    const slow = raw("GET /os HTTP/1.1\r\nHost: x\r\n");
    expect((await machine.call("GET", "/os")).status).toBe(200);
    expect(performance.now() - before).toBeLessThan(2000);
    expect(await slow).toContain("408");
    expect(performance.now() - before).toBeLessThan(15_000);
  });
});

describe("many clients at once", () => {
  it("have transactions of their own, committed one by one as a whole", async () => {
    const names = Array.from({ length: 20 }, (_, number) => `t${number}`);
    const replies = await Promise.all(
      names.map(async (name) => {
        const body = { motd: name, network: { hostname: name } };
        const patch = await machine.call("PATCH", `/settings?tx=${name}`, { body });
        expect(patch.status).toBe(204);
        return machine.call("POST", `/tx/commit_and_apply?tx=${name}`);
      }),
    );
    expect(replies.map(({ status }) => status)).toEqual(names.map(() => 200));
    const settings = (await machine.call("GET", "/settings?keys=motd,network.hostname")).json;
    const hostname = machine.read("run/ballast/etc/hostname").trim();
    expect(settings).toEqual({ motd: hostname, network: { hostname } });
    expect(machine.read("run/ballast/etc/motd").trim()).toBe(hostname);
    expect((await machine.call("GET", "/tx/list")).json).toEqual([]);
  });

  it("cannot fill the disk with transactions", async () => {
    const open = Array.from({ length: 64 }, (_, number) =>
      machine.call("PATCH", `/settings?tx=full${number}`, { body: { motd: "x" } }),
    );
    await Promise.all(open);
    expect((await machine.call("PATCH", "/settings?tx=over", { body: { motd: "x" } })).status).toBe(
      409,
    );
    for (let number = 0; number < 64; number += 1)
      await machine.call("DELETE", `/tx?tx=full${number}`);
  });
});

describe("connections", () => {
  it("are bounded, and those that end make room", async () => {
    const sockets = Array.from({ length: 200 }, () => connect(machine.socket));
    let open = sockets.length;
    for (const socket of sockets) {
      socket.on("error", () => undefined);
      socket.on("close", () => {
        open -= 1;
      });
    }
    await machine.until(() => open <= 128);
    for (const socket of sockets) socket.destroy();
    const read = () => machine.call("GET", "/os").catch(() => undefined);
    await expect.poll(read).toMatchObject({ status: 200 });
  });
});

describe("a body that trickles", () => {
  it("is cut after half a minute, and held up nobody in the meantime", async () => {
    const { answer, seconds } = await trickled;
    expect(answer).toContain("408");
    expect(seconds).toBeLessThan(35);
    expect((await machine.call("GET", "/tx/list")).json).toEqual([]);
  }, 40_000);
});
