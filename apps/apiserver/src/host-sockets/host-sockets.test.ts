import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { Agent, get } from "node:http";
import { createConnection, type Socket } from "node:net";
import { once } from "node:events";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { parsePatch, type Settings } from "@ballast/model";
import { createLog } from "@ballast/service";
import * as fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { callerName } from "../http/handle-request.ts";
import type { HostSocketHandler } from "./host-socket.ts";
import { createHostSockets, type HostSockets } from "./host-sockets.ts";

type Containers = Settings["host-containers"];

function container(
  role: "none" | "reader" | "operator" | "admin",
  enabled = true,
): Containers[string] {
  return {
    source: "r.example.org/x:1",
    enabled,
    superpowered: false,
    "api-role": role,
    resources: {},
  };
}

/** Answers who is asking; `/slow` when `release` is called, `/endless` never. */
const waiting: (() => void)[] = [];
const handler: HostSocketHandler = (identify, incoming, response) => {
  const answer = (): void => {
    try {
      const { caller, ends } = identify();
      if (incoming.url === "/endless") {
        ends?.().addEventListener("abort", () => response.destroy());
        response.write("on");
        return;
      }
      response.end(`${callerName(caller)} ${caller.role}`);
    } catch (error) {
      response.statusCode = 403;
      response.end(String(error));
    }
  };
  if (incoming.url === "/slow") waiting.push(() => response.end("slow"));
  else answer();
};

let directory: string;
let sockets: HostSockets;
const log = createLog({ write: () => undefined, journal: false });
const pathOf = (name: string): string => join(directory, name, "api.sock");

beforeEach(() => {
  directory = join(mkdtempSync(join(tmpdir(), "ballast-sockets-")), "host-containers");
  sockets = createHostSockets(directory, handler, log);
});
afterEach(async () => {
  await sockets.close();
  rmSync(join(directory, ".."), { recursive: true });
});

function ask(name: string, agent?: Agent, path = "/"): Promise<string> {
  return new Promise((resolve, reject) => {
    const options = { socketPath: pathOf(name), path, ...(agent === undefined ? {} : { agent }) };
    get(options, (response) => {
      let text = "";
      response.on("data", (chunk: Buffer) => (text += chunk.toString()));
      response.on("end", () => resolve(text));
      response.on("error", reject);
    }).on("error", reject);
  });
}

function mode(path: string): string {
  return (statSync(path).mode & 0o777).toString(8);
}

describe("sockets of host containers", () => {
  it("are there for each that runs and has a role, and tell who calls", async () => {
    const all = {
      admin: container("admin"),
      watch: container("reader"),
      off: container("admin", false),
      mute: container("none"),
    };
    expect(await sockets.apply(all)).toBe(true);
    expect(await ask("admin")).toBe("host-container admin admin");
    expect(await ask("watch")).toBe("host-container watch reader");
    expect(existsSync(join(directory, "off"))).toBe(false);
    expect(existsSync(join(directory, "mute"))).toBe(false);
    expect(await sockets.apply(all)).toBe(false);
  });

  it("can be reached by the container's users, and by nobody else of the host", async () => {
    const former = process.umask(0o077);
    try {
      await sockets.apply({ a: container("reader") });
    } finally {
      process.umask(former);
    }
    expect([mode(directory), mode(join(directory, "a")), mode(pathOf("a"))]).toEqual([
      "700",
      "755",
      "666",
    ]);
  });

  it("go with their container, and their connections too", async () => {
    await sockets.apply({ a: container("admin"), b: container("reader") });
    const idle = await connect("a");
    const half = await connect("a");
    half.write("PATCH /settings HTTP/1.1\r\nhost: x\r\ncontent-length: 10\r\n\r\n{");
    const endless = connectEndless("a");
    await once(endless, "data");
    const ends = [idle, half, endless].map((socket) => ended(socket));
    expect(await sockets.apply({ b: container("reader") })).toBe(true);
    await Promise.all(ends);
    expect(existsSync(join(directory, "a"))).toBe(false);
    await expect(ask("a")).rejects.toMatchObject({ code: "ENOENT" });
    expect(await ask("b")).toBe("host-container b reader");
  });

  it("let a request that has arrived end with its answer", async () => {
    await sockets.apply({ a: container("admin") });
    const answer = ask("a", undefined, "/slow");
    await until(() => waiting.length > 0);
    await sockets.apply({});
    waiting.pop()?.();
    expect(await answer).toBe("slow");
  });

  it("change their role without a pause; what was connected before has none", async () => {
    await sockets.apply({ a: container("admin") });
    const inode = statSync(pathOf("a")).ino;
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    expect(await ask("a", agent)).toBe("host-container a admin");
    const slow = await connect("a");
    slow.write("GET /slow HTTP/1.1\r\nhost: x\r\n\r\n");
    await until(() => waiting.length > 0);
    const endless = connectEndless("a");
    await once(endless, "data");
    const gone = ended(endless);
    expect(await sockets.apply({ a: container("reader") })).toBe(true);
    await gone;
    expect(statSync(pathOf("a")).ino).toBe(inode);
    // It waits for its answer and asks for more meanwhile.
    let text = "";
    slow.on("data", (chunk) => (text += chunk.toString()));
    slow.write("GET / HTTP/1.1\r\nhost: x\r\n\r\n");
    await delay(50);
    waiting.pop()?.();
    await ended(slow);
    expect(text).toContain("slow");
    expect(text).not.toContain("host-container a");
    expect(await ask("a")).toBe("host-container a reader");
    agent.destroy();
  });

  it("that an earlier server left are taken away, whatever they are; folders that stay are the same", async () => {
    mkdirSync(join(directory, "old"), { recursive: true });
    mkdirSync(join(directory, "kept"));
    const kept = statSync(join(directory, "kept")).ino;
    writeFileSync(pathOf("old"), "");
    const elsewhere = join(directory, "..", "precious");
    writeFileSync(elsewhere, "x");
    symlinkSync(elsewhere, pathOf("kept"));
    symlinkSync(join(directory, ".."), join(directory, "link"));
    await sockets.apply({ kept: container("reader") });
    expect(await ask("kept")).toBe("host-container kept reader");
    expect(statSync(join(directory, "kept")).ino).toBe(kept);
    expect([
      mode(elsewhere),
      existsSync(join(directory, "old")),
      existsSync(join(directory, "link")),
    ]).toEqual(["644", false, false]);
  });

  it("that cannot be made do not keep the others from it", async () => {
    mkdirSync(directory);
    writeFileSync(join(directory, "bad"), "in the way");
    const both = { bad: container("reader"), good: container("reader") };
    await expect(sockets.apply(both)).rejects.toThrow(/bad/);
    expect(await ask("good")).toBe("host-container good reader");
    rmSync(join(directory, "bad"));
    expect(await sockets.apply(both)).toBe(true);
    expect(await ask("bad")).toBe("host-container bad reader");
  });

  it("are all gone after close()", async () => {
    await sockets.apply({ a: container("reader") });
    await sockets.close();
    await expect(ask("a")).rejects.toMatchObject({ code: "ENOENT" });
  });
});

// Some hundred patches are some seconds of work where others work too.
it("no name of a host container leads out of the folder", { timeout: 60_000 }, () => {
  const hostile = fc.oneof(
    fc.constantFrom(
      "..",
      ".",
      "../x",
      "a/b",
      "/etc",
      "a\0",
      "",
      "a/../../b",
      "%2e%2e",
      "A",
      ".hidden",
    ),
    fc.string({ unit: "binary", maxLength: 80 }),
  );
  fc.assert(
    fc.property(hostile, (name) => {
      const patch = parsePatch({ "host-containers": { [name]: { source: "r.example.org/x:1" } } });
      const folder = join("/run/ballast/host-containers", name);
      const isInside =
        folder === `/run/ballast/host-containers/${name}` && !/[./\0]/.test(name) && name !== "";
      expect(!patch.ok || isInside).toBe(true);
    }),
    { numRuns: 300 },
  );
});

async function connect(name: string): Promise<Socket> {
  const socket = createConnection(pathOf(name));
  await once(socket, "connect");
  await delay(20);
  return socket;
}

function connectEndless(name: string): Socket {
  const socket = createConnection(pathOf(name));
  socket.write("GET /endless HTTP/1.1\r\nhost: x\r\n\r\n");
  return socket;
}

function ended(socket: Socket): Promise<void> {
  socket.resume();
  return new Promise((resolve) => {
    socket.on("error", () => undefined);
    socket.once("close", () => resolve());
  });
}

async function until(condition: () => boolean): Promise<void> {
  for (let attempt = 0; attempt < 100 && !condition(); attempt += 1) await delay(20);
  expect(condition()).toBe(true);
}
