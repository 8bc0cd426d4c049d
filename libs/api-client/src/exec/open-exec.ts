import type { IncomingMessage } from "node:http";
import { connect } from "node:net";
import {
  encodeClientMessage,
  EXEC_LIMITS,
  parseServerMessage,
  type ExecRequest,
  type OutputName,
  type TerminalSize,
} from "@ballast/model/exec";
import { WebSocket, type ClientOptions } from "ws";
import { toApiError } from "../errors.ts";
import { reasonOf, unreachable } from "../exchange.ts";
import { readText } from "../read-text.ts";
import type { Target } from "../target.ts";
import { SendWindow } from "./send-window.ts";
import { sessionEnd } from "./session-end.ts";

export interface ExecOptions {
  /** Ends the connection, and with it the command. */
  readonly signal: AbortSignal;
  /** Called with what the command prints. If it returns a promise, little more is read until that has resolved. */
  readonly onOutput: (name: OutputName, bytes: Uint8Array) => Promise<void> | undefined;
}

/** A command that runs in a container of the machine. */
export interface ExecSession {
  /** Sends input; resolves when more may come. What comes after the end of the command is thrown away. */
  write(bytes: Uint8Array): Promise<void>;
  endInput(): void;
  resize(size: TerminalSize): void;
  /** The exit code, 128 and the signal if one ended it. Rejects with ApiError, ApiClientError or the signal's reason. */
  readonly exitCode: Promise<number>;
}

const HANDSHAKE_LIMIT_MS = 30_000;
const PIECE_BYTES = 16 * 1024;

/** Asks the machine to run a command. Rejects if it takes no websocket; all that comes later is told by `exitCode`. */
export async function openExec(
  target: Target,
  request: ExecRequest,
  { signal, onOutput }: ExecOptions,
): Promise<ExecSession> {
  const socket = await open(target, signal);
  const window = new SendWindow();
  let output: OutputName = "stdout";
  let taken: Promise<unknown> = Promise.resolve();
  const takeText = (text: string): void => {
    const message = parseServerMessage(text);
    // What a later server says that is not known here is passed over.
    if (message?.kind === "capacity")
      window.offer(message.maxMessagesOutstanding, message.messagesWritten);
    if (message?.kind === "output") output = message.name;
  };
  const takeBytes = (bytes: Uint8Array): void => {
    const wait = onOutput(output, bytes);
    if (wait === undefined) return;
    socket.pause();
    const waits: Promise<unknown> = Promise.all([taken, wait]).finally(() => {
      if (taken === waits) socket.resume();
    });
    taken = waits;
  };
  keepAlive(socket);
  const exitCode = new Promise<number>((resolve, reject) => {
    const onStop = (): void => {
      socket.terminate();
      reject(reasonOf(signal));
    };
    if (signal.aborted) onStop();
    signal.addEventListener("abort", onStop);
    socket.once("close", (code, reason) => {
      signal.removeEventListener("abort", onStop);
      window.close();
      const end = sessionEnd(code, reason.toString("utf8"));
      taken.then(() => {
        if (typeof end === "number") resolve(end);
        else reject(end);
      }, reject);
    });
  });
  // Whoever asks for it hears of it.
  exitCode.catch(() => undefined);
  socket.on("message", (data: Buffer, isBinary) => {
    if (isBinary) takeBytes(data);
    else takeText(data.toString("utf8"));
  });
  send(socket, encodeClientMessage({ kind: "initialize", request }));
  socket.resume();
  return {
    exitCode,
    write: async (bytes) => {
      for (let at = 0; at < bytes.length; at += PIECE_BYTES) {
        await window.take();
        const piece = bytes.subarray(at, at + PIECE_BYTES);
        if (socket.readyState !== socket.OPEN) return;
        await new Promise<void>((resolve) => {
          socket.send(piece, () => {
            resolve();
          });
        });
      }
    },
    endInput: () => {
      send(socket, encodeClientMessage({ kind: "content-complete" }));
    },
    resize: (size) => {
      send(socket, encodeClientMessage({ kind: "winch", size }));
    },
  };
}

function send(socket: WebSocket, text: string): void {
  if (socket.readyState === socket.OPEN) socket.send(text, () => undefined);
}

/** Resolves with a socket that is paused, so that nothing is missed. */
function open(target: Target, signal: AbortSignal): Promise<WebSocket> {
  return new Promise((resolve, reject) => {
    signal.throwIfAborted();
    const socket = new WebSocket(urlOf(target), [], optionsOf(target));
    const onStop = (): void => {
      socket.terminate();
      reject(reasonOf(signal));
    };
    signal.addEventListener("abort", onStop);
    const settled = (): void => {
      signal.removeEventListener("abort", onStop);
    };
    socket.on("error", (error) => {
      settled();
      reject(unreachable(target, error));
    });
    socket.once("unexpected-response", (_request, response) => {
      settled();
      refusalOf(response).then(reject, reject);
    });
    socket.once("open", () => {
      settled();
      socket.pause();
      resolve(socket);
    });
  });
}

function urlOf(target: Target): string {
  if ("socketPath" in target) return "ws://localhost/exec";
  const host = target.host.includes(":") ? `[${target.host}]` : target.host;
  return `wss://${host}:${target.port}/exec`;
}

function optionsOf(target: Target): ClientOptions {
  return {
    perMessageDeflate: false,
    handshakeTimeout: HANDSHAKE_LIMIT_MS,
    maxPayload: EXEC_LIMITS.maxMessageBytes,
    // A mask keeps scripts of a browser from forging requests to a proxy that reads along (RFC 6455, 10.3). Nobody can read
    // along here, and each byte of it costs time at both ends.
    generateMask: (mask) => mask.fill(0),
    ...("socketPath" in target
      ? { createConnection: () => connect(target.socketPath) }
      : { ca: target.ca, cert: target.cert, key: target.key, minVersion: "TLSv1.3" }),
  };
}

async function refusalOf(response: IncomingMessage): Promise<Error> {
  const text = await readText(response);
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    // Nothing of ours: the status says it.
  }
  return toApiError("GET /exec", response.statusCode ?? 0, body);
}

/**
 * Says by itself that this client lives (RFC 6455, 5.5.3): while its reader is slow it does not come to the server's pings.
 * Cuts the connection if the server says nothing although it is listened to.
 */
function keepAlive(socket: WebSocket): void {
  let heardMs = performance.now();
  const hear = (): void => {
    heardMs = performance.now();
  };
  for (const event of ["message", "ping", "pong"] as const) socket.on(event, hear);
  const timer = setInterval(() => {
    if (socket.isPaused) hear();
    if (performance.now() - heardMs > EXEC_LIMITS.silenceMs) socket.terminate();
    else if (socket.readyState === socket.OPEN) socket.pong();
  }, EXEC_LIMITS.heartbeatMs);
  socket.once("close", () => {
    clearInterval(timer);
  });
}
