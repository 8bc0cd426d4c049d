import { setInterval as every } from "node:timers";
import { describe, expect, it } from "vitest";
import { serveBytes, serveGrpcHealth } from "./grpc-health.fixture.ts";
import { askGrpcHealth } from "./grpc-health.ts";

const message = (...bytes: number[]): Buffer => Buffer.from([0, 0, 0, 0, bytes.length, ...bytes]);

async function ask(server: ReturnType<typeof serveGrpcHealth>): Promise<string> {
  const { path, ...running } = await server;
  try {
    return await askGrpcHealth(path, 300);
  } finally {
    running.close();
  }
}

describe("askGrpcHealth()", () => {
  it.each([
    [message(0x08, 1), "SERVING"],
    [message(0x08, 2), "NOT_SERVING"],
    [message(0x08, 3), "SERVICE_UNKNOWN"],
    [message(0x08, 9), "UNKNOWN"],
    [message(), "UNKNOWN"],
  ])("reads %j as %s", async (bytes, status) => {
    expect(await ask(serveGrpcHealth(bytes))).toBe(status);
  });

  it.each([
    ["half a message", message(0x08, 1).subarray(0, 6), "0", "not one gRPC message"],
    ["no message", Buffer.alloc(0), "0", "not one gRPC message"],
    ["a compressed message", Buffer.from([1, 0, 0, 0, 2, 8, 1]), "0", "not one gRPC message"],
    ["an error", Buffer.alloc(0), "14", 'gRPC status 14 "told so"'],
    ["megabytes", Buffer.alloc(1024 * 1024), "0", "too long"],
  ])("refuses %s", async (_name, bytes, status, reason) => {
    await expect(ask(serveGrpcHealth(bytes, status))).rejects.toThrow(reason);
  });

  it("gives up on a server that says nothing", async () => {
    await expect(ask(serveBytes(() => undefined))).rejects.toThrow("no answer in 0.3 s");
  });

  it("gives up on a server that never comes to an end", async () => {
    // The preface of HTTP/2: empty SETTINGS, and then PINGs for ever.
    const settings = Buffer.from([0, 0, 0, 4, 0, 0, 0, 0, 0]);
    const ping = Buffer.from([0, 0, 8, 6, 0, 0, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8]);
    const server = serveBytes((socket) => {
      socket.write(settings);
      const timer = every(() => socket.write(ping), 20);
      socket.on("close", () => {
        clearInterval(timer);
      });
    });
    await expect(ask(server)).rejects.toThrow("no answer in 0.3 s");
  });

  it.each(["HTTP/1.1 400 Bad Request\r\n\r\n", "\0".repeat(100)])(
    "rejects when the server speaks something else: %j",
    async (text) => {
      await expect(ask(serveBytes((socket) => socket.end(text)))).rejects.toThrow("Protocol error");
    },
  );

  it("rejects when the server hangs up or is not there", async () => {
    await expect(ask(serveBytes((socket) => socket.destroy()))).rejects.toThrow(
      "closed the connection without an answer",
    );
    await expect(askGrpcHealth("/nowhere.sock", 300)).rejects.toThrow("ENOENT");
  });
});
