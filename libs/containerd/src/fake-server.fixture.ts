import {
  createServer,
  type Http2Server,
  type IncomingHttpHeaders,
  type ServerHttp2Stream,
} from "node:http2";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** How a test's server answers one call. */
export type Answer = (stream: ServerHttp2Stream, headers: IncomingHttpHeaders) => void;

/** A server on a unix socket, for what a well-behaved one never does. It can be stopped and started again. */
export interface FakeServer extends AsyncDisposable {
  readonly socketPath: string;
  readonly sessionCount: () => number;
  answer: Answer;
  start(): Promise<void>;
  stop(): Promise<void>;
}

export async function startFakeServer(answer: Answer): Promise<FakeServer> {
  const directory = await mkdtemp(join(tmpdir(), "ballast-containerd-"));
  const socketPath = join(directory, "s");
  let server: Http2Server | undefined;
  let sessions = 0;
  const open = new Set<{ destroy(): void }>();
  const fake: FakeServer = {
    socketPath,
    answer,
    sessionCount: () => sessions,
    start: () =>
      new Promise((resolve, reject) => {
        server = createServer();
        server.on("session", (session) => {
          sessions += 1;
          open.add(session);
        });
        server.on("stream", (stream: ServerHttp2Stream, headers: IncomingHttpHeaders) => {
          stream.on("error", () => undefined);
          fake.answer(stream, headers);
        });
        server.once("error", reject);
        server.listen(socketPath, resolve);
      }),
    stop: async () => {
      const stopped = new Promise((resolve) => server?.close(resolve) ?? resolve(undefined));
      for (const session of open) session.destroy();
      open.clear();
      await stopped;
    },
    [Symbol.asyncDispose]: async () => {
      await fake.stop();
      await rm(directory, { recursive: true, force: true });
    },
  };
  await fake.start();
  return fake;
}

/** An answer as gRPC makes it: messages, then the status. */
export function reply(
  stream: ServerHttp2Stream,
  messages: readonly Uint8Array[],
  status = "0",
  text = "",
): void {
  stream.on("wantTrailers", () => {
    stream.sendTrailers({ "grpc-status": status, "grpc-message": text });
  });
  stream.respond({ ":status": 200, "content-type": "application/grpc" }, { waitForTrailers: true });
  for (const message of messages) stream.write(message);
  stream.end();
}
