import { connect } from "node:http2";

const LIMIT_MS = 120_000;

export interface GrpcStatus {
  /** 0 is success. */
  readonly code: number;
  readonly message: string;
}

/** Has containerd pull an image over the runtime interface of Kubernetes (CRI v1), on a port of this machine. */
export function pullImage(port: number, image: string): Promise<GrpcStatus> {
  const spec = field(1, Buffer.from(image));
  return call(port, "/runtime.v1.ImageService/PullImage", field(1, spec));
}

/** One call of gRPC without encryption; what it answers besides its status is not looked at. */
function call(port: number, path: string, message: Buffer): Promise<GrpcStatus> {
  const { promise, resolve, reject } = Promise.withResolvers<GrpcStatus>();
  const session = connect(`http://127.0.0.1:${port}`);
  const stream = session.request({
    ":method": "POST",
    ":path": path,
    "content-type": "application/grpc",
    te: "trailers",
  });
  const limit = setTimeout(() => {
    reject(new Error(`No answer to ${path} in ${LIMIT_MS / 1000} s`));
  }, LIMIT_MS);
  const take = (headers: Readonly<Record<string, unknown>>): void => {
    const code = headers["grpc-status"];
    if (code === undefined) return;
    const told = headers["grpc-message"];
    const text = typeof told === "string" ? decodeURIComponent(told) : "";
    resolve({ code: Number(code), message: text });
  };
  // A call that failed at once has its status in the headers.
  stream.on("response", take).on("trailers", take).on("error", reject);
  stream.on("close", () => {
    reject(new Error(`The connection ended without an answer to ${path}`));
  });
  session.on("error", reject);
  const head = Buffer.alloc(5);
  head.writeUInt32BE(message.length, 1);
  stream.resume().end(Buffer.concat([head, message]));
  return promise.finally(() => {
    clearTimeout(limit);
    session.destroy();
  });
}

/** A field of protobuf with bytes; short ones, so that the length is one byte. */
function field(number: number, bytes: Buffer): Buffer {
  if (bytes.length > 127) throw new Error(`${bytes.length} bytes are too many for a field`);
  return Buffer.concat([Buffer.from([(number << 3) | 2, bytes.length]), bytes]);
}
