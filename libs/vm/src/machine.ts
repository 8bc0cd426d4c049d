import { join } from "node:path";
import { hasCode } from "@ballast/errors";
import { SerialConsole, type ConsoleLine } from "./console.ts";
import { findFirmware } from "./firmware.ts";
import { listenOnce } from "./listener.ts";
import { GUEST_API_PORT, qemuArguments, type MachineOptions } from "./qemu-arguments.ts";
import { spawnQemu, type QemuProcess } from "./qemu-process.ts";
import { Qmp, type QmpEvent } from "./qmp.ts";
import { makeScratchDir, type ScratchDir } from "./scratch-dir.ts";
import { VmError } from "./vm-error.ts";
import { replaceVolume, type Volume } from "./volume.ts";

export interface StartOptions extends MachineOptions {
  /** The console is appended to this file with time stamps. */
  readonly consoleFile: string;
  readonly onConsoleLine?: (line: ConsoleLine) => void;
}

/** Loading a snapshot happens before QEMU answers, hence the generous limit. */
const START_LIMIT_MS = 60_000;
const KILL_LIMIT_MS = 10_000;
const SNAPSHOT_LIMIT_MS = 120_000;

/** A running machine. Disposal cuts the power if it still runs and leaves no process and no socket. */
export class Machine implements AsyncDisposable {
  readonly console: SerialConsole;
  readonly qmp: Qmp;
  /** Resolves when QEMU has ended, with the reason. */
  readonly ended: Promise<VmError>;
  readonly processId: number;
  /** Port on 127.0.0.1 that leads to the guest's remote API. */
  readonly apiPort: number;
  #hasEnded = false;
  readonly #process: QemuProcess;
  readonly #scratch: ScratchDir;

  private constructor(parts: MachineParts) {
    this.console = parts.console;
    this.qmp = parts.qmp;
    this.apiPort = parts.apiPort;
    this.ended = parts.process.ended;
    this.processId = parts.process.processId;
    this.#process = parts.process;
    this.#scratch = parts.scratch;
    void this.ended.then(() => {
      this.#hasEnded = true;
    });
  }

  get hasEnded(): boolean {
    return this.#hasEnded;
  }

  /** Switches a machine on. Resolves when QEMU runs it, long before the guest is up. */
  static async start(options: StartOptions): Promise<Machine> {
    const scratch = makeScratchDir();
    const console = new SerialConsole({
      file: options.consoleFile,
      ...(options.onConsoleLine === undefined ? {} : { onLine: options.onConsoleLine }),
    });
    try {
      const started = await startQemu(options, console, scratch.path);
      return new Machine({ ...started, console, scratch });
    } catch (error) {
      scratch[Symbol.dispose]();
      throw error;
    }
  }

  /** Presses the power button (ACPI) and waits until the guest has switched the machine off. */
  async powerDown(timeoutMs: number): Promise<void> {
    await this.qmp.execute("system_powerdown");
    await this.waitForEnd(timeoutMs);
  }

  /** Waits until the guest switches the machine off by itself. */
  async waitForEnd(timeoutMs: number): Promise<void> {
    await within(this.ended, timeoutMs, "the machine to switch off");
  }

  /** Presses the reset button: the guest does not get to write anything more. */
  async reset(): Promise<void> {
    await this.qmp.execute("system_reset");
  }

  /** Waits for the next reset from event index `from` on; a panic, a reboot and the watchdog end in one. */
  waitForReset(timeoutMs: number, from = 0): Promise<QmpEvent> {
    return this.qmp.events.waitFor("a reset of the machine", ({ event }) => event === "RESET", {
      timeoutMs,
      from,
    });
  }

  /** Pulls the plug: what the guest has not flushed may be lost. */
  async powerCut(): Promise<void> {
    this.#process.kill();
    await within(this.ended, KILL_LIMIT_MS, "QEMU to end after SIGKILL");
  }

  /** Pulls the labelled volume with which the machine was started and plugs this one in. */
  async replaceVolume(volume: Volume): Promise<void> {
    await replaceVolume(this.qmp, volume);
  }

  /** Port on 127.0.0.1 that leads to this port of the guest, by a forward of one of its cards. */
  async forwardedPort(guestPort: number): Promise<number> {
    return readForward(this.qmp, `\\S+\\s+${guestPort}`);
  }

  /** Adds a forward to the guest's API under another of its addresses. Gives the port on 127.0.0.1. */
  async forwardApiTo(guestAddress: string): Promise<number> {
    const rule = `hostfwd_add net0 tcp:127.0.0.1:0-${guestAddress}:${GUEST_API_PORT}`;
    const answer = await this.qmp.humanCommand(rule);
    if (answer.trim() !== "") throw new VmError("vm.qmp", `Cannot run "${rule}": ${answer.trim()}`);
    return readForward(this.qmp, `${guestAddress.replaceAll(".", "\\.")}\\s+${GUEST_API_PORT}`);
  }

  /** Pulls the cable of a network card, or puts it back. */
  async setLink(card: string, isUp: boolean): Promise<void> {
    await this.qmp.execute("set_link", { name: card, up: isUp });
  }

  /** Stores memory, disk and variable store under a name, inside the qcow2 files. */
  async saveSnapshot(name: string): Promise<void> {
    await this.#snapshotCommand(`savevm ${name}`);
  }

  /** Goes back to a stored snapshot; the machine runs on from there. */
  async loadSnapshot(name: string): Promise<void> {
    await this.#snapshotCommand(`loadvm ${name}`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.powerCut();
    this.qmp.close();
    await this.console.end(await this.ended);
    this.#scratch[Symbol.dispose]();
  }

  async #snapshotCommand(command: string): Promise<void> {
    const answer = await this.qmp.humanCommand(command, SNAPSHOT_LIMIT_MS);
    if (answer.trim() !== "")
      throw new VmError("vm.qmp", `Cannot run "${command}": ${answer.trim()}`);
  }
}

interface StartedParts {
  readonly process: QemuProcess;
  readonly qmp: Qmp;
  readonly apiPort: number;
}

interface MachineParts extends StartedParts {
  readonly console: SerialConsole;
  readonly scratch: ScratchDir;
}

async function startQemu(
  options: MachineOptions,
  console: SerialConsole,
  socketDir: string,
): Promise<StartedParts> {
  const qmpSocket = join(socketDir, "qmp");
  const consoleSocket = join(socketDir, "console");
  using qmpListener = await listenOnce(qmpSocket);
  using consoleListener = await listenOnce(consoleSocket);
  const firmware = findFirmware(options.isSecureBoot === true ? "secure-boot" : "plain");
  const wiring = { firmwareCode: firmware.code, qmpSocket, consoleSocket };
  const process = spawnQemu(qemuArguments(options, wiring));
  void process.ended.then((reason) => console.end(reason));
  const start = (async (): Promise<StartedParts> => {
    console.attach(await consoleListener.connection);
    const qmp = await Qmp.connect(await qmpListener.connection);
    return { process, qmp, apiPort: await readForward(qmp, `\\S+\\s+${GUEST_API_PORT}`) };
  })();
  let isStarted = false;
  try {
    const failed = process.ended.then((reason) => {
      throw startError(reason);
    });
    const parts = await within(Promise.race([start, failed]), START_LIMIT_MS, "QEMU to start");
    isStarted = true;
    return parts;
  } catch (error) {
    // A closed control channel only shows that QEMU is ending; why, it says when it has ended.
    if (hasCode(error, "vm.ended"))
      throw startError(await within(process.ended, KILL_LIMIT_MS, "QEMU to end"));
    throw error;
  } finally {
    if (!isStarted) process.kill();
  }
}

/** The answer of `info usernet` has a row "TCP[HOST_FORWARD] <fd> 127.0.0.1 <port> <guest> 8443 …". */
async function readForward(qmp: Qmp, target: string): Promise<number> {
  const answer = await qmp.humanCommand("info usernet");
  const match = new RegExp(`TCP\\[HOST_FORWARD\\]\\s+\\d+\\s+\\S+\\s+(\\d+)\\s+${target}\\s`).exec(
    answer,
  );
  if (match === null)
    throw new VmError(
      "vm.start",
      `Cannot find a forward to ${target} in QEMU's answer: "${answer}"`,
    );
  return Number(match[1]);
}

function startError(reason: VmError): VmError {
  if (reason.code === "vm.program-missing") return reason;
  if (reason.message.includes("Could not set up host forwarding rule"))
    return new VmError("vm.port-in-use", "Cannot forward the API's port: it is in use", {
      cause: reason,
      hint: "Choose another one, or leave the choice to us.",
    });
  return new VmError("vm.start", "Cannot start the machine", { cause: reason });
}

async function within<T>(promise: Promise<T>, timeoutMs: number, what: string): Promise<T> {
  const { promise: late, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => {
    reject(
      new VmError("vm.timeout", `Waited ${timeoutMs / 1000} s for ${what}: it did not happen`),
    );
  }, timeoutMs);
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}
