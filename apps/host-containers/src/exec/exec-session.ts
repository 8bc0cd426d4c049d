import { setTimeout as sleep } from "node:timers/promises";
import { EXEC_CLOSE, encodeServerMessage } from "@ballast/model/exec";
import type { ExecRequest, OutputName, TerminalSize } from "@ballast/model/exec";
import { errorFields, type Log } from "@ballast/service";
import type { WebSocket } from "ws";
import { commandFailure } from "./command-failure.ts";
import { Conversation, type ExecAction } from "./conversation.ts";
import type { ExecPlaces } from "./exec-places.ts";
import { startProcess, type ExecProcess } from "./exec-process.ts";
import {
  chooseContainer,
  parseTarget,
  type FoundContainer,
  type Kind,
  type Lookup,
} from "./exec-target.ts";
import type { Containerds } from "./find-container.ts";
import { keepHeartbeat } from "./heartbeat.ts";

/** Output that waits for a slow client, and input that waits for a slow command: above it nothing more is read. */
const MAX_OUTPUT_BYTES = 512 * 1024;
const MAX_INPUT_BYTES = 4 * 1024 * 1024;
/** What a command started may go on to print; after the command has ended only so long without any output is waited. */
const LAST_OUTPUT_MS = 500;
const POLL_MS = 20;
/** A close frame has room for 125 bytes, two of which are the code (RFC 6455, 5.5). */
const MAX_REASON_BYTES = 123;

export interface SessionEdge {
  readonly containerds: Containerds;
  readonly places: ExecPlaces;
  readonly log: Log;
  /** Aborted when the manager stops. */
  readonly signal: AbortSignal;
}

/** Who runs the command, as the API server says. */
export interface Caller {
  readonly who: string;
  readonly role: string;
}

/** One command of one client, from its first message until nothing is left of either. */
export class ExecSession {
  readonly #socket: WebSocket;
  readonly #edge: SessionEdge;
  readonly #caller: Caller;
  readonly #conversation = new Conversation();
  readonly #closed: Promise<void>;
  readonly #early: Uint8Array[] = [];
  #process: ExecProcess | undefined;
  #starting: Promise<void> | undefined;
  #size: TerminalSize | undefined;
  #inputBytes = 0;
  #isInputOver = false;
  #isSeparate = false;
  #output: OutputName = "stdout";
  #isOutputHeld = false;
  #lastOutputMs = 0;

  constructor(socket: WebSocket, edge: SessionEdge, caller: Caller) {
    this.#socket = socket;
    this.#edge = edge;
    this.#caller = caller;
    this.#closed = new Promise((resolve) => {
      socket.once("close", () => {
        resolve();
      });
    });
    // ws closes the connection then, with the code that belongs to the fault.
    socket.on("error", () => undefined);
    socket.on("message", (data: Buffer, isBinary) => {
      this.#perform(
        isBinary ? this.#conversation.data(data) : this.#conversation.text(data.toString("utf8")),
      );
    });
  }

  /** Resolves when the client is gone and the command has ended. */
  async run(): Promise<void> {
    keepHeartbeat(this.#socket, () => this.#socket.isPaused);
    this.#perform(this.#conversation.open());
    await this.#closed;
    await this.#starting;
  }

  /** Ends it from this side. */
  close(code: number, reason: string): void {
    let text = reason;
    while (Buffer.byteLength(text) > MAX_REASON_BYTES) text = text.slice(0, -1);
    this.#socket.close(code, text);
    // What the client still sends is thrown away, its answer to the close frame among it.
    this.#socket.resume();
  }

  #perform(action: ExecAction | undefined): void {
    switch (action?.do) {
      case "start":
        this.#starting = this.#hold(action.request);
        break;
      case "write":
        this.#take(action.bytes);
        break;
      case "end-input":
        this.#isInputOver = true;
        this.#endInput();
        break;
      case "resize":
        this.#size = action.size;
        this.#resize();
        break;
      case "send":
        this.#socket.send(action.text, () => undefined);
        break;
      case "close":
        this.close(action.code, action.reason);
        break;
      case undefined:
        break;
    }
  }

  /** Starts the command and stays with it to its end. */
  async #hold(request: ExecRequest): Promise<void> {
    const { log } = this.#edge;
    const startMs = performance.now();
    this.#isSeparate = request.separate;
    try {
      const found = await this.#find(request.target);
      if (found === undefined) return;
      const { containerds, places } = this.#edge;
      const container = `${found.kind}/${found.name}`;
      let end: { readonly exit_code?: number; readonly reason?: string } = {};
      // Never the command: its arguments may be secrets.
      log.notice("Command in a container", { ...this.#caller, container });
      try {
        const process = await startProcess(
          containerds.of(found.kind),
          found,
          request,
          places.folder,
        );
        end = await this.#follow(process, request);
      } catch (error) {
        const failure = commandFailure(error);
        if (failure === undefined) throw error;
        this.#tell(`Cannot run the command in "${container}": ${failure.reason}`, request);
        end = { exit_code: failure.exitCode };
        await this.#closeWith(failure.exitCode);
      } finally {
        const tookMs = Math.round(performance.now() - startMs);
        log.notice("Command in a container ended", {
          ...{ ...this.#caller, container, ...end, took_ms: tookMs },
        });
      }
    } catch (error) {
      log.error("Cannot run a command in a container", {
        ...this.#caller,
        ...failureFields(error),
      });
      this.close(EXEC_CLOSE.failed, error instanceof Error ? error.message : String(error));
    }
  }

  async #find(target: string): Promise<FoundContainer | undefined> {
    const parsed = parseTarget(target);
    if (parsed === undefined) {
      this.close(EXEC_CLOSE.noContainer, `There is no container "${target}"`);
      return undefined;
    }
    const found = new Map<Kind, Lookup>();
    const { containerds, signal } = this.#edge;
    for (const kind of parsed.kinds)
      found.set(kind, await containerds.find(kind, parsed.name, signal));
    const chosen = chooseContainer(parsed.name, found);
    if ("id" in chosen) return chosen;
    this.close(chosen.code, chosen.reason);
    return undefined;
  }

  async #follow(
    process: ExecProcess,
    { tty }: ExecRequest,
  ): Promise<{ readonly exit_code?: number; readonly reason?: string }> {
    try {
      this.#process = process;
      if (tty !== null) {
        this.#size ??= tty;
        this.#resize();
      }
      for (const [name, stream] of process.outputs) this.#forward(name, stream);
      for (const bytes of this.#early.splice(0)) this.#pass(process, bytes);
      this.#endInput();
      const exitCode = await Promise.race([process.exited, this.#closed]);
      if (exitCode === undefined) return { reason: "the client is gone" };
      await this.#restOfOutput(process);
      await this.#closeWith(exitCode);
      return { exit_code: exitCode };
    } finally {
      await process.dispose();
    }
  }

  async #closeWith(exitCode: number): Promise<void> {
    // A client has a limited time from the close frame on; output that waits for it must not count.
    while (this.#socket.bufferedAmount > 0 && this.#socket.readyState === this.#socket.OPEN)
      await Promise.race([sleep(POLL_MS), this.#closed]);
    this.close(EXEC_CLOSE.normal, String(exitCode));
  }

  #forward(name: OutputName, stream: ExecProcess["input"]): void {
    stream.on("error", () => undefined);
    stream.on("data", (bytes: Uint8Array) => {
      this.#lastOutputMs = performance.now();
      this.#sendOutput(name, bytes);
      if (this.#socket.bufferedAmount > MAX_OUTPUT_BYTES) this.#holdOutput(true);
    });
  }

  #sendOutput(name: OutputName, bytes: Uint8Array): void {
    if (this.#isSeparate && name !== this.#output)
      this.#socket.send(encodeServerMessage({ kind: "output", name }), () => undefined);
    this.#output = name;
    this.#socket.send(bytes, { binary: true }, () => {
      if (this.#socket.bufferedAmount < MAX_OUTPUT_BYTES / 2) this.#holdOutput(false);
    });
  }

  #holdOutput(isHeld: boolean): void {
    if (isHeld === this.#isOutputHeld) return;
    this.#isOutputHeld = isHeld;
    for (const stream of this.#process?.outputs.values() ?? [])
      if (isHeld) stream.pause();
      else stream.resume();
  }

  /** What a command has printed is in the pipes when it ends; what it has left running may keep them open for ever. */
  async #restOfOutput({ outputs }: ExecProcess): Promise<void> {
    this.#lastOutputMs = performance.now();
    const ended = Promise.all(
      [...outputs.values()].map(async (stream) => {
        if (!stream.closed) await new Promise((resolve) => stream.once("close", resolve));
      }),
    );
    let isOver = false;
    while (!isOver) {
      if (this.#isOutputHeld) this.#lastOutputMs = performance.now();
      const silentMs = performance.now() - this.#lastOutputMs;
      isOver =
        silentMs >= LAST_OUTPUT_MS ||
        (await Promise.race([
          ended.then(() => true),
          this.#closed.then(() => true),
          sleep(POLL_MS, false),
        ]));
    }
  }

  #tell(text: string, { tty }: ExecRequest): void {
    this.#sendOutput("stderr", Buffer.from(`${text}${tty === null ? "\n" : "\r\n"}`));
  }

  #take(bytes: Uint8Array): void {
    this.#inputBytes += bytes.length;
    if (this.#inputBytes > MAX_INPUT_BYTES) this.#socket.pause();
    if (this.#process === undefined) this.#early.push(bytes);
    else this.#pass(this.#process, bytes);
  }

  #pass({ input }: ExecProcess, bytes: Uint8Array): void {
    input.write(bytes, () => {
      this.#inputBytes -= bytes.length;
      if (this.#inputBytes < MAX_INPUT_BYTES / 2 && this.#socket.isPaused) this.#socket.resume();
      this.#perform(this.#conversation.wrote());
      this.#endInput();
    });
  }

  /** Once all of the input is in the pipe. */
  #endInput(): void {
    if (!this.#isInputOver || this.#inputBytes > 0 || this.#process === undefined) return;
    this.#inputBytes = Infinity;
    this.#process.closeInput().catch((error: unknown) => {
      this.#edge.log.warn("Cannot end the input of a command", failureFields(error));
    });
  }

  #resize(): void {
    if (this.#size === undefined) return;
    this.#process?.resize(this.#size).catch((error: unknown) => {
      this.#edge.log.warn("Cannot resize a terminal", failureFields(error));
    });
  }
}

/** Without what containerd said: it may quote the command. */
function failureFields(error: unknown): Record<string, string> {
  const { code, reason } = errorFields(error);
  return code === undefined ? { reason: String(reason) } : { code: String(code) };
}
