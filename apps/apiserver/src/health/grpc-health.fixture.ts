import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type ServerHttp2Stream } from "node:http2";
import { createServer as createPlainServer, type Server, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

export interface GrpcServer {
  readonly path: string;
  close(): void;
}

const SERVING = Buffer.from([0, 0, 0, 0, 2, 0x08, 0x01]);

/** A real gRPC server over a unix socket that answers every call with this message and status. */
export function serveGrpcHealth(message: Buffer = SERVING, status = "0"): Promise<GrpcServer> {
  const server = createServer();
  server.on("stream", (stream: ServerHttp2Stream, headers) => {
    const isCheck =
      headers[":path"] === "/grpc.health.v1.Health/Check" &&
      headers["content-type"] === "application/grpc" &&
      headers["te"] === "trailers";
    stream.on("wantTrailers", () => {
      stream.sendTrailers({ "grpc-status": isCheck ? status : "12", "grpc-message": "told so" });
    });
    stream.respond({ "content-type": "application/grpc" }, { waitForTrailers: true });
    stream.end(message);
  });
  return listening(server);
}

/** A server that does with its connections what it likes. */
export function serveBytes(talk: (socket: Socket) => void): Promise<GrpcServer> {
  return listening(
    createPlainServer((socket) => {
      socket.on("error", () => undefined);
      talk(socket);
    }),
  );
}

function listening(server: Pick<Server, "listen" | "close">): Promise<GrpcServer> {
  const folder = mkdtempSync(join(tmpdir(), "ballast-grpc-"));
  const path = join(folder, "s.sock");
  return new Promise((resolve) => {
    server.listen(path, () => {
      resolve({
        path,
        close: () => {
          server.close();
          rmSync(folder, { recursive: true });
        },
      });
    });
  });
}
