import type {
  ClientMessage,
  ExecRequest,
  OutputName,
  ServerMessage,
  TerminalSize,
} from "./messages.ts";

type Fields = Readonly<Record<string, unknown>>;

/** A text of the client; undefined if it is none of the protocol. Members that are not known are passed over. */
export function parseClientMessage(text: string): ClientMessage | undefined {
  const value = parseJson(text);
  if (value === "ContentComplete") return { kind: "content-complete" };
  if (!isFields(value)) return undefined;
  const { Initialize: initialize, Winch: winch } = value;
  if (initialize !== undefined) {
    const request = requestOf(initialize);
    return request && { kind: "initialize", request };
  }
  const size = sizeOf(winch);
  return size && { kind: "winch", size };
}

/** A text of the server; undefined if it is none of the protocol. */
export function parseServerMessage(text: string): ServerMessage | undefined {
  const value = parseJson(text);
  if (!isFields(value)) return undefined;
  const { Capacity: capacity, Output: output } = value;
  if (output !== undefined)
    return isOutputName(output) ? { kind: "output", name: output } : undefined;
  if (!isFields(capacity)) return undefined;
  const { max_messages_outstanding: max, messages_written: written } = capacity;
  if (!isCount(max) || !isCount(written)) return undefined;
  return { kind: "capacity", maxMessagesOutstanding: max, messagesWritten: written };
}

function requestOf(value: unknown): ExecRequest | undefined {
  if (!isFields(value)) return undefined;
  const { target, command, tty = null, streams } = value;
  if (typeof target !== "string" || !Array.isArray(command)) return undefined;
  const words = command.map(wordOf);
  const known = words.filter((word) => word !== undefined);
  if (words.length === 0 || known.length < words.length || words[0] === "") return undefined;
  const size = isFields(tty) ? sizeOf(tty["size"]) : null;
  if (size === undefined || (size === null && tty !== null)) return undefined;
  return { target, command: known, tty: size, separate: streams === "separate" };
}

/** `{"Unix": [bytes…]}`. What is no UTF-8, or holds a zero, cannot be handed to a container. */
function wordOf(value: unknown): string | undefined {
  if (!isFields(value)) return undefined;
  const { Unix: bytes } = value;
  if (!Array.isArray(bytes) || !bytes.every(isByte)) return undefined;
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(
      Uint8Array.from(bytes),
    );
  } catch {
    return undefined;
  }
}

function sizeOf(value: unknown): TerminalSize | undefined {
  if (!isFields(value)) return undefined;
  const { rows, cols } = value;
  return isLength(rows) && isLength(cols) ? { rows, cols } : undefined;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Not the parser's message: it quotes the text.
    return undefined;
  }
}

function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isByte(value: unknown): value is number {
  return isCount(value) && value > 0 && value < 256;
}

/** As the kernel keeps it (struct winsize). */
function isLength(value: unknown): value is number {
  return isCount(value) && value < 65_536;
}

function isCount(value: unknown): value is number {
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 0;
}

function isOutputName(value: unknown): value is OutputName {
  return value === "stdout" || value === "stderr";
}
