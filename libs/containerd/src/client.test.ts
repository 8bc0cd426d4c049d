import { create, toBinary } from "@bufbuild/protobuf";
import { describeError } from "@ballast/errors";
import { describe, expect, it } from "vitest";
import { VersionResponseSchema } from "../dist/protocols/github.com/containerd/containerd/api/services/version/v1/version_pb.js";
import { reply, startFakeServer, type Answer, type FakeServer } from "./fake-server.fixture.ts";
import { frame } from "./grpc/frame.ts";
import { Channel, ContainerdError, createClient, isStatus } from "./index.ts";
import { Content, Events, Version } from "./services.ts";

const version = frame(
  toBinary(VersionResponseSchema, create(VersionResponseSchema, { version: "1.7" })),
);
const answersVersion: Answer = (stream) => {
  reply(stream, [version]);
};
const EMPTY = frame(new Uint8Array());

function clientsOf(server: FakeServer) {
  const channel = new Channel(server.socketPath);
  return {
    [Symbol.dispose]: () => {
      channel[Symbol.dispose]();
    },
    version: createClient(Version, channel, { namespace: "test", lease: "import" }),
    events: createClient(Events, channel, { namespace: "test", lease: "import" }),
    content: createClient(Content, channel, { namespace: "test", lease: "import" }),
  };
}

async function errorOf(promise: Promise<unknown>): Promise<ContainerdError> {
  const error = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(error instanceof ContainerdError)) throw new Error("no ContainerdError", { cause: error });
  return error;
}

async function collect<Item>(items: AsyncIterable<Item>): Promise<Item[]> {
  const list: Item[] = [];
  for await (const item of items) list.push(item);
  return list;
}

describe("a call with one answer", () => {
  it("gives the answer, and says where and for whom", async () => {
    let heard: unknown;
    await using server = await startFakeServer((stream, headers) => {
      heard = headers;
      reply(stream, [version]);
    });
    using channel = new Channel(server.socketPath);
    const client = createClient(Version, channel, { namespace: "test", lease: "import" });
    expect((await client.version({}, { timeoutMs: 5000 })).version).toBe("1.7");
    expect(heard).toMatchObject({
      ":path": "/containerd.services.version.v1.Version/Version",
      ":method": "POST",
      "content-type": "application/grpc+proto",
      te: "trailers",
      "containerd-namespace": "test",
      "containerd-lease": "import",
    });
  });

  it("fails with the status, the act and what the server said, on one safe line", async () => {
    await using server = await startFakeServer((stream) => {
      reply(stream, [], "5", "container %22a%22%0A%1b[31m: not found");
    });
    using channel = new Channel(server.socketPath);
    const client = createClient(Version, channel);
    const error = await errorOf(client.version({}, { act: 'read container "a"' }));
    expect([error.code, error.status]).toEqual(["containerd.not-found", "not-found"]);
    expect(error.message).toBe('Cannot read container "a": container "a" \\u001b[31m: not found');
    expect(isStatus(error, "unavailable", "not-found")).toBe(true);
  });

  it.each<[string, Answer, string, string]>([
    [
      "no message",
      (stream) => {
        reply(stream, []);
      },
      "internal",
      "its answer has no message",
    ],
    [
      "status in the head alone",
      (stream) => {
        stream.respond({ "grpc-status": "12", "grpc-message": "unknown" }, { endStream: true });
      },
      "unimplemented",
      "unknown",
    ],
    [
      "no status",
      (stream) => {
        stream.respond({ ":status": 200 });
        stream.end(version);
      },
      "unknown",
      "it ended the answer without a status",
    ],
    [
      "another protocol",
      (stream) => {
        stream.respond({ ":status": 404 });
        stream.end();
      },
      "unimplemented",
      "it answered HTTP 404",
    ],
    [
      "half a message",
      (stream) => {
        reply(stream, [version.subarray(0, 7)]);
      },
      "internal",
      "its answer ends within a message",
    ],
    [
      "what is no such message",
      (stream) => {
        reply(stream, [frame(Buffer.from([0x0a, 0x7f, 0x01]))]);
      },
      "internal",
      "its answer is no containerd.services.version.v1.VersionResponse",
    ],
    [
      "a stream that it resets",
      (stream) => {
        stream.close(2);
      },
      "unavailable",
      "NGHTTP2_INTERNAL_ERROR",
    ],
    [
      "a connection that it cuts within",
      (stream) => {
        stream.respond({ ":status": 200 });
        stream.write(version.subarray(0, 3));
        setTimeout(() => {
          stream.session?.destroy();
        }, 20);
      },
      "unavailable",
      "connection",
    ],
    [
      "a connection that it cuts after a message",
      (stream) => {
        stream.respond({ ":status": 200 });
        stream.write(version);
        setTimeout(() => {
          stream.session?.destroy();
        }, 20);
      },
      "unavailable",
      "connection",
    ],
    [
      "a connection that it cuts",
      (stream) => {
        stream.session?.destroy();
      },
      "unavailable",
      "connection",
    ],
  ])("fails when the answer is %s", async (_, answer, status, reason) => {
    await using server = await startFakeServer(answer);
    using channel = new Channel(server.socketPath);
    const error = await errorOf(createClient(Version, channel).version({}));
    expect([error.status, describeError(error)]).toEqual([status, expect.stringContaining(reason)]);
    expect(error.message).toMatch(
      /^Cannot call containerd\.services\.version\.v1\.Version\/Version: /,
    );
  });

  it("ends at its time limit, and tells the server", async () => {
    const cancelled = Promise.withResolvers<number>();
    await using server = await startFakeServer((stream) => {
      stream.on("close", () => {
        cancelled.resolve(stream.rstCode);
      });
    });
    using channel = new Channel(server.socketPath);
    const client = createClient(Version, channel);
    const error = await errorOf(client.version({}, { timeoutMs: 50 }));
    expect([error.status, error.message]).toEqual([
      "deadline-exceeded",
      expect.stringContaining("no answer in 0.05 s"),
    ]);
    expect(await cancelled.promise).toBe(8);
  });

  it("ends when the caller gives up, with the caller's reason", async () => {
    await using server = await startFakeServer(() => undefined);
    using channel = new Channel(server.socketPath);
    const client = createClient(Version, channel);
    const reason = new Error("enough");
    const aborted = AbortSignal.abort(reason);
    await expect(client.version({}, { signal: aborted })).rejects.toBe(reason);
    const controller = new AbortController();
    const call = client.version({}, { signal: controller.signal });
    setTimeout(() => {
      controller.abort(reason);
    }, 20);
    await expect(call).rejects.toBe(reason);
  });
});

describe("a connection", () => {
  it("is shared by all calls, and made anew after the server restarted", async () => {
    await using server = await startFakeServer(answersVersion);
    using clients = clientsOf(server);
    const { version: client } = clients;
    await Promise.all(Array.from({ length: 20 }, () => client.version({})));
    expect(server.sessionCount()).toBe(1);
    await server.stop();
    const error = await errorOf(client.version({}));
    expect(error.status).toBe("unavailable");
    await server.start();
    expect((await client.version({})).version).toBe("1.7");
    expect(server.sessionCount()).toBe(2);
  });

  it("fails by name when there is no socket, and none who listens", async () => {
    await using server = await startFakeServer(answersVersion);
    using nowhere = new Channel(`${server.socketPath}-not`);
    const error = await errorOf(createClient(Version, nowhere).version({}));
    expect([error.code, error.exitCode]).toEqual(["containerd.unavailable", 69]);
    expect(error.message).toContain(`there is no socket "${server.socketPath}-not"`);
  });

  it("survives a goodbye of the server: calls under way end, later ones connect anew", async () => {
    const started = Promise.withResolvers<void>();
    await using server = await startFakeServer((stream) => {
      stream.session?.goaway(0);
      started.resolve();
      setTimeout(() => {
        reply(stream, [version]);
      }, 30);
    });
    using clients = clientsOf(server);
    const { version: client } = clients;
    const first = client.version({});
    await started.promise;
    expect((await first).version).toBe("1.7");
    expect((await client.version({})).version).toBe("1.7");
    expect(server.sessionCount()).toBe(2);
  });

  it("makes a call again that the server refused before it looked at it, once", async () => {
    let calls = 0;
    await using server = await startFakeServer((stream) => {
      calls += 1;
      if (calls === 1) stream.close(7);
      else reply(stream, [version]);
    });
    using clients = clientsOf(server);
    const { version: client } = clients;
    expect((await client.version({})).version).toBe("1.7");
    server.answer = (stream) => {
      calls += 1;
      stream.close(7);
    };
    expect((await errorOf(client.version({}))).status).toBe("unavailable");
    expect(calls).toBe(4);
  });
});

describe("a stream of answers", () => {
  it("gives them as they come, and ends with the status", async () => {
    await using server = await startFakeServer((stream) => {
      reply(stream, [EMPTY, EMPTY, EMPTY], "14", "shutting down");
    });
    using clients = clientsOf(server);
    const { events } = clients;
    const got: unknown[] = [];
    const reading = (async () => {
      for await (const event of events.subscribe({})) got.push(event);
    })();
    expect((await errorOf(reading)).message).toContain("shutting down");
    expect(got).toHaveLength(3);
  });

  it("is cancelled at the server when the reader stops", async () => {
    const closed = Promise.withResolvers<number>();
    await using server = await startFakeServer((stream) => {
      stream.respond({ ":status": 200 });
      stream.write(EMPTY);
      stream.on("close", () => {
        closed.resolve(stream.rstCode);
      });
    });
    using clients = clientsOf(server);
    const { events } = clients;
    const stream = events.subscribe({});
    await stream.next();
    await stream.return();
    expect(await closed.promise).toBe(8);
  });

  it("carries much more than a window, both ways", async () => {
    const sizeBytes = 3 * 1024 * 1024;
    await using server = await startFakeServer((stream) => {
      stream.on("wantTrailers", () => {
        stream.sendTrailers({ "grpc-status": "0" });
      });
      stream.respond({ ":status": 200 }, { waitForTrailers: true });
      // WriteContentRequest and its response are alike enough to be sent back: data is field 6 and 7.
      let receivedBytes = 0;
      stream.on("data", (chunk: Buffer) => (receivedBytes += chunk.length));
      stream.on("end", () => {
        stream.write(frame(Buffer.from([0x20, ...varint(receivedBytes)])));
        stream.end();
      });
    });
    using clients = clientsOf(server);
    const { content } = clients;
    async function* parts() {
      for (let part = 0; part < 6; part++)
        yield { ref: "x", data: new Uint8Array(sizeBytes / 6).fill(part) };
    }
    const answers = await collect(content.write(parts()));
    expect(answers).toHaveLength(1);
    expect(Number(answers[0]?.offset)).toBeGreaterThan(sizeBytes);
  });

  it("ends when the server has heard enough, and stops to send", async () => {
    await using server = await startFakeServer((stream) => {
      stream.respond({ "grpc-status": "9", "grpc-message": "enough" }, { endStream: true });
    });
    using clients = clientsOf(server);
    let hasStopped = false;
    async function* parts() {
      try {
        for (;;) yield { ref: "x", data: new Uint8Array(500_000) };
      } finally {
        hasStopped = true;
      }
    }
    const error = await errorOf(collect(clients.content.write(parts())));
    expect([error.status, error.reason]).toEqual(["failed-precondition", "enough"]);
    await expect.poll(() => hasStopped).toBe(true);
  });

  it("fails with the caller's own error when the messages to send fail", async () => {
    await using server = await startFakeServer(() => undefined);
    using clients = clientsOf(server);
    const { content } = clients;
    // oxlint-disable-next-line require-yield
    async function* parts(): AsyncGenerator<{ ref: string }> {
      throw new Error("cannot read the archive");
    }
    await expect(collect(content.write(parts()))).rejects.toThrow("cannot read the archive");
  });
});

function varint(value: number): number[] {
  const bytes: number[] = [];
  let rest = value;
  while (rest > 127) {
    bytes.push((rest % 128) + 128);
    rest = Math.floor(rest / 128);
  }
  return [...bytes, rest];
}
