import {
  connect,
  constants,
  type ClientHttp2Stream,
  type IncomingHttpHeaders,
  type IncomingHttpStatusHeader,
} from "node:http2";
import { createConnection } from "node:net";

/** `ServingStatus` of grpc.health.v1; the health checking protocol of gRPC. */
const STATUSES = ["UNKNOWN", "SERVING", "NOT_SERVING", "SERVICE_UNKNOWN"] as const;
type ServingStatus = (typeof STATUSES)[number];

type Head = IncomingHttpHeaders & IncomingHttpStatusHeader;

/** Not compressed, no bytes: HealthCheckRequest without a service means the whole server. */
const EMPTY_MESSAGE = Buffer.alloc(5);
const PREFIX_BYTES = 5;
const ANSWER_MAX_BYTES = 1024;

/** Asks `grpc.health.v1.Health/Check` over a unix socket. Rejects with a plain reason; never takes longer than the time. */
export async function askGrpcHealth(socketPath: string, timeoutMs: number): Promise<ServingStatus> {
  const session = connect("http://localhost", {
    createConnection: () => createConnection(socketPath),
  });
  const failed = new Promise<never>((_resolve, reject) => {
    session.on("error", reject);
  });
  // Whoever awaits the answer learns of it; without an answer to await nobody does.
  failed.catch(() => undefined);
  const late = setTimeout(() => {
    session.destroy(new Error(`no answer in ${timeoutMs / 1000} s`));
  }, timeoutMs);
  try {
    const stream = session.request({
      [constants.HTTP2_HEADER_METHOD]: "POST",
      [constants.HTTP2_HEADER_PATH]: "/grpc.health.v1.Health/Check",
      [constants.HTTP2_HEADER_CONTENT_TYPE]: "application/grpc",
      [constants.HTTP2_HEADER_TE]: "trailers",
    });
    stream.end(EMPTY_MESSAGE);
    return await Promise.race([readAnswer(stream), failed]);
  } finally {
    clearTimeout(late);
    session.destroy();
  }
}

function readAnswer(stream: ClientHttp2Stream): Promise<ServingStatus> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let sizeBytes = 0;
    // An answer without a message has its trailers in the head.
    let head: Head = {};
    stream.on("response", (headers) => (head = { ...head, ...headers }));
    stream.on("trailers", (trailers) => (head = { ...head, ...trailers }));
    stream.on("data", (chunk: Buffer) => {
      sizeBytes += chunk.length;
      if (sizeBytes > ANSWER_MAX_BYTES) stream.destroy(new Error("the answer is too long"));
      chunks.push(chunk);
    });
    stream.on("error", reject);
    stream.on("end", () => {
      try {
        resolve(servingStatus(head, Buffer.concat(chunks)));
      } catch (error) {
        reject(error instanceof Error ? error : new Error(String(error)));
      }
    });
  });
}

function servingStatus(head: Head, body: Buffer): ServingStatus {
  if (head[":status"] === undefined) throw new Error("it closed the connection without an answer");
  if (head[":status"] !== 200) throw new Error(`it answered HTTP ${head[":status"]}`);
  const { "grpc-status": code, "grpc-message": text = "" } = head;
  if (code !== "0")
    throw new Error(`it answered gRPC status ${String(code)} ${JSON.stringify(text)}`);
  const isWhole =
    body.length >= PREFIX_BYTES &&
    body[0] === 0 &&
    body.readUInt32BE(1) === body.length - PREFIX_BYTES;
  if (!isWhole) throw new Error("its answer is not one gRPC message");
  // HealthCheckResponse: field 1 is the status; proto3 leaves out the value 0.
  const message = body.subarray(PREFIX_BYTES);
  const isStatus = message.length === 2 && message[0] === 0x08;
  return STATUSES[isStatus ? (message[1] ?? 0) : 0] ?? "UNKNOWN";
}
