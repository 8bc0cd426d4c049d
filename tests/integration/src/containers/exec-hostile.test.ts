import { createConnection } from "node:net";
import { once } from "node:events";
import { encodeClientMessage } from "@ballast/model/exec";
import type { ContainersLab } from "@ballast/testkit/containers";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { WebSocket } from "ws";
import { Machine } from "../machine.ts";
import { processesWith, shareManager } from "./exec-machine.ts";
import { CAN_RUN_LAB, SOON, startLab } from "./lab.ts";
import { startManager, want, type RunningManager } from "./manager.ts";

let lab: ContainersLab;
let manager: RunningManager;
let machine: Machine;

beforeAll(async () => {
  lab = await startLab();
  await want(lab, { web: { image: "lab.local/probe:1", args: ["hold"] } });
  manager = await startManager(lab);
  machine = new Machine();
  await shareManager(lab, machine);
  await machine.start();
  const up = ["exec", "web", "--", "/probe", "print", "up"];
  await vi.waitUntil(async () => (await machine.client(up)).exitCode === 0, SOON);
}, 60_000);

afterAll(async () => {
  await machine[Symbol.asyncDispose]();
  await manager.end("SIGTERM");
  await lab[Symbol.asyncDispose]();
});

async function connect(): Promise<WebSocket> {
  const createConnectionHere = () => createConnection(machine.socket);
  const socket = new WebSocket("ws://localhost/exec", {
    createConnection: createConnectionHere,
    perMessageDeflate: true,
  });
  socket.on("error", () => undefined);
  await once(socket, "open");
  return socket;
}

async function closeOf(socket: WebSocket): Promise<[number, string]> {
  return new Promise((resolve) => {
    socket.once("close", (code, reason) => {
      resolve([code, reason.toString()]);
    });
  });
}

function begin(...command: string[]): string {
  return encodeClientMessage({
    kind: "initialize",
    request: { target: "web", command, tty: null, separate: false },
  });
}

const HOLD = begin("/probe", "hold");

describe.runIf(CAN_RUN_LAB)("a client of commands that is wrong", { timeout: 60_000 }, () => {
  it.each<[string, number, (socket: WebSocket) => void]>([
    ["data before Initialize", 1008, (socket) => socket.send(Buffer.from("x"))],
    ["the end of input before Initialize", 1008, (socket) => socket.send('"ContentComplete"')],
    ["no JSON", 1007, (socket) => socket.send("{")],
    ["JSON of something else", 1007, (socket) => socket.send('{"Initialize":{"target":1}}')],
    [
      "a second Initialize",
      1008,
      (socket) => {
        socket.send(HOLD);
        socket.send(HOLD);
      },
    ],
    [
      "data behind the end of input",
      1008,
      (socket) => {
        for (const text of [HOLD, '"ContentComplete"']) socket.send(text);
        socket.send(Buffer.from("x"));
      },
    ],
    ["a text of a megabyte", 1009, (socket) => socket.send("x".repeat(1_000_000))],
    [
      "a piece of a message and another one",
      1008,
      (socket) => {
        socket.send("a", { fin: false });
        socket.send("b", { fin: true });
      },
    ],
    [
      "more than its command takes",
      1009,
      (socket) => {
        socket.send(HOLD);
        for (let count = 0; count < 1500; count += 1) socket.send(Buffer.alloc(1024));
      },
    ],
    ["no UTF-8", 1007, (socket) => socket.send(Buffer.from([0xff]), { binary: false })],
  ])("is told so: %s", async (_, code, act) => {
    const socket = await connect();
    const closed = closeOf(socket);
    const startMs = performance.now();
    act(socket);
    expect((await closed)[0]).toBe(code);
    // Not only when somebody gets tired of waiting.
    expect(performance.now() - startMs).toBeLessThan(5000);
    await expect.poll(() => processesWith(lab, "hold"), SOON).toHaveLength(1);
  });

  it("is dropped when it answers no ping", async () => {
    const socket = await connect();
    const plain = Reflect.get(socket, "_socket");
    socket.send(HOLD);
    await expect.poll(() => processesWith(lab, "hold"), SOON).toHaveLength(2);
    if (plain instanceof Object && "pause" in plain && typeof plain.pause === "function")
      plain.pause();
    await expect.poll(() => processesWith(lab, "hold"), { timeout: 20_000 }).toHaveLength(1);
    socket.terminate();
  });

  it("is held up, not dropped, when its command takes nothing; and noticed when it goes", async () => {
    const socket = await connect();
    socket.send(HOLD);
    // More than is kept for a command, in fewer messages than may wait.
    for (let count = 0; count < 60; count += 1) socket.send(Buffer.alloc(128 * 1024));
    await new Promise((resolve) => setTimeout(resolve, 12_000));
    expect(socket.readyState).toBe(socket.OPEN);
    expect(await processesWith(lab, "hold")).toHaveLength(2);
    socket.terminate();
    await expect.poll(() => processesWith(lab, "hold"), SOON).toHaveLength(1);
  });

  it("of the older protocol gets one stream and the exit code", async () => {
    const socket = await connect();
    const closed = closeOf(socket);
    const texts: unknown[] = [];
    let output = "";
    socket.on("message", (data: Buffer, isBinary) => {
      if (isBinary) output += data.toString();
      else texts.push(JSON.parse(data.toString()));
    });
    socket.send(begin("/probe", "say", "out", "error"));
    expect(await closed).toEqual([1000, "0"]);
    expect(output.split("\n").toSorted()).toEqual(["", "error", "out"]);
    expect(texts).toEqual(
      [{ Capacity: { max_messages_outstanding: 1024, messages_written: 0 } }].slice(
        0,
        texts.length,
      ),
    );
  });
});
