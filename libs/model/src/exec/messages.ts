/** In characters. */
export interface TerminalSize {
  readonly rows: number;
  readonly cols: number;
}

export interface ExecRequest {
  /** `NAME`, or `workload/NAME`, `host/NAME`, `bootstrap/NAME`. */
  readonly target: string;
  readonly command: readonly string[];
  /** Null: pipes instead of a terminal. */
  readonly tty: TerminalSize | null;
  /** Whether the client wants to be told which output is which; else both come as one. */
  readonly separate: boolean;
}

export type ClientMessage =
  | { readonly kind: "initialize"; readonly request: ExecRequest }
  | { readonly kind: "content-complete" }
  | { readonly kind: "winch"; readonly size: TerminalSize };

export type OutputName = "stdout" | "stderr";

export type ServerMessage =
  | {
      readonly kind: "capacity";
      readonly maxMessagesOutstanding: number;
      readonly messagesWritten: number;
    }
  /** The binary messages that follow are of this output; of `stdout` at first. Only for who asked. */
  | { readonly kind: "output"; readonly name: OutputName };

export function encodeClientMessage(message: ClientMessage): string {
  switch (message.kind) {
    case "content-complete":
      return JSON.stringify("ContentComplete");
    case "winch":
      return JSON.stringify({ Winch: plainSize(message.size) });
    case "initialize":
      break;
  }
  const { target, command, tty, separate } = message.request;
  return JSON.stringify({
    Initialize: {
      command: command.map((word) => ({ Unix: [...new TextEncoder().encode(word)] })),
      target,
      tty: tty === null ? null : { size: plainSize(tty) },
      ...(separate ? { streams: "separate" } : {}),
    },
  });
}

export function encodeServerMessage(message: ServerMessage): string {
  if (message.kind === "output") return JSON.stringify({ Output: message.name });
  const { maxMessagesOutstanding, messagesWritten } = message;
  return JSON.stringify({
    Capacity: {
      max_messages_outstanding: maxMessagesOutstanding,
      messages_written: messagesWritten,
    },
  });
}

function plainSize({ rows, cols }: TerminalSize): TerminalSize {
  return { rows, cols };
}
