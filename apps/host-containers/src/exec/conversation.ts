import {
  encodeServerMessage,
  EXEC_CLOSE,
  EXEC_LIMITS,
  parseClientMessage,
  type ExecCloseCode,
  type ExecRequest,
  type TerminalSize,
} from "@ballast/model/exec";

/** What is to be done about one message of the client, or about what was written of one. */
export type ExecAction =
  | { readonly do: "start"; readonly request: ExecRequest }
  | { readonly do: "write"; readonly bytes: Uint8Array }
  | { readonly do: "end-input" }
  | { readonly do: "resize"; readonly size: TerminalSize }
  | { readonly do: "send"; readonly text: string }
  | { readonly do: "close"; readonly code: ExecCloseCode; readonly reason: string };

/**
 * The server's side of one session, without its effects: messages in, actions out. The first text must be `Initialize`; what
 * comes before it, a second one, and data behind `ContentComplete` end it, as do more messages than were offered.
 */
export class Conversation {
  #phase: "new" | "begun" | "closed" = "new";
  #isInputOver = false;
  #received = 0;
  #written = 0;
  #acknowledged = 0;

  /** Before the client has said anything. */
  open(): ExecAction {
    return this.#capacity();
  }

  text(text: string): ExecAction | undefined {
    if (this.#phase === "closed") return undefined;
    const message = parseClientMessage(text);
    if (message === undefined)
      return this.#close(EXEC_CLOSE.invalid, "A message is none of this protocol");
    if ((message.kind === "initialize") !== (this.#phase === "new"))
      return this.#close(
        EXEC_CLOSE.policy,
        this.#phase === "new" ? "The first message must be Initialize" : "Initialize came twice",
      );
    switch (message.kind) {
      case "initialize":
        this.#phase = "begun";
        return { do: "start", request: message.request };
      case "winch":
        return { do: "resize", size: message.size };
      case "content-complete":
        break;
    }
    const isFirst = !this.#isInputOver;
    this.#isInputOver = true;
    return isFirst ? { do: "end-input" } : undefined;
  }

  data(bytes: Uint8Array): ExecAction | undefined {
    if (this.#phase === "closed") return undefined;
    if (this.#phase === "new") return this.#close(EXEC_CLOSE.policy, "Data came before Initialize");
    if (this.#isInputOver)
      return this.#close(EXEC_CLOSE.policy, "Data came behind ContentComplete");
    if (this.#received - this.#written >= EXEC_LIMITS.maxMessagesOutstanding)
      return this.#close(EXEC_CLOSE.size, "More messages than there is capacity for");
    this.#received += 1;
    return { do: "write", bytes };
  }

  /** The command's side has taken one more message. */
  wrote(): ExecAction | undefined {
    this.#written += 1;
    if (this.#phase === "closed") return undefined;
    const isDue = this.#written - this.#acknowledged >= EXEC_LIMITS.acknowledgeEvery;
    return isDue ? this.#capacity() : undefined;
  }

  #capacity(): ExecAction {
    this.#acknowledged = this.#written;
    const { maxMessagesOutstanding } = EXEC_LIMITS;
    const text = encodeServerMessage({
      ...{ kind: "capacity", maxMessagesOutstanding, messagesWritten: this.#written },
    });
    return { do: "send", text };
  }

  #close(code: ExecCloseCode, reason: string): ExecAction {
    this.#phase = "closed";
    return { do: "close", code, reason };
  }
}
