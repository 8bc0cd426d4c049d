import type { Socket } from "node:net";
import { createInterface } from "node:readline";
import * as z from "zod";
import { Feed } from "./feed.ts";
import { VmError } from "./vm-error.ts";

export interface QmpEvent {
  readonly event: string;
  readonly data: Readonly<Record<string, unknown>>;
}

/** Greeting, answer and event in one: each has keys of its own. */
const Message = z.object({
  id: z.number().optional(),
  return: z.unknown().optional(),
  error: z.object({ desc: z.string() }).optional(),
  event: z.string().optional(),
  data: z.record(z.string(), z.unknown()).optional(),
});
type Message = z.infer<typeof Message>;

const COMMAND_LIMIT_MS = 30_000;

/**
 * QEMU's control channel: JSON, one object a line (QEMU Machine Protocol specification). Commands are answered by id,
 * events are kept from the first on, so none is lost between a command and the wait for its effect.
 */
export class Qmp {
  readonly events = new Feed<QmpEvent>();
  readonly #replies = new Feed<Message>();
  readonly #socket: Socket;
  #lastId = 0;

  private constructor(socket: Socket) {
    this.#socket = socket;
    const lines = createInterface({ input: socket }).on("line", (line) => {
      this.#take(Message.parse(JSON.parse(line)));
    });
    const end = (): void => {
      this.#end(new VmError("vm.ended", "The control channel to QEMU is closed"));
    };
    // An error is followed by "close"; the reason does not matter, QEMU is gone.
    socket.on("error", end).on("close", end);
    lines.on("error", end);
  }

  /** Takes a fresh connection out of negotiation mode; the greeting needs no answer of its own. */
  static async connect(socket: Socket): Promise<Qmp> {
    const qmp = new Qmp(socket);
    await qmp.execute("qmp_capabilities");
    return qmp;
  }

  /** Runs one command; resolves with its `return` value. */
  async execute(
    command: string,
    args: Readonly<Record<string, unknown>> = {},
    timeoutMs = COMMAND_LIMIT_MS,
  ): Promise<unknown> {
    this.#lastId += 1;
    const id = this.#lastId;
    this.#socket.write(`${JSON.stringify({ execute: command, arguments: args, id })}\n`);
    const reply = await this.#replies.waitFor(
      `QEMU's answer to "${command}"`,
      (candidate) => candidate.id === id,
      { timeoutMs },
    );
    if (reply.error !== undefined)
      throw new VmError("vm.qmp", `Cannot run QMP command "${command}": ${reply.error.desc}`);
    return reply.return;
  }

  /** Runs a command of the human monitor, for what QMP lacks. Such a command reports failure as text. */
  async humanCommand(line: string, timeoutMs = COMMAND_LIMIT_MS): Promise<string> {
    const answer = await this.execute("human-monitor-command", { "command-line": line }, timeoutMs);
    return String(answer);
  }

  close(): void {
    this.#socket.destroy();
  }

  #take(message: Message): void {
    if (message.event !== undefined)
      this.events.push({ event: message.event, data: message.data ?? {} });
    else if (message.id !== undefined) this.#replies.push(message);
  }

  #end(reason: Error): void {
    this.events.end(reason);
    this.#replies.end(reason);
  }
}
