import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import {
  bootLimitMs,
  chooseAccelerator,
  Machine,
  RemoteApi,
  readIdentity,
  SHUTDOWN_LIMIT_MS,
  waitHealthy,
  writeUserData,
  type ClientIdentity,
  type DiskFormat,
} from "@ballast/vm";
import type { AllowedLine } from "./allowed-lines.ts";

export interface GuestOptions {
  readonly memoryMiB?: number;
  /** User data of the case's own, TOML. What turns the remote API on is added unless `isBare`. */
  readonly userData?: string;
  /** The user data is taken literally; without the remote API only the console tells. */
  readonly isBare?: boolean;
  /** A disk prepared by the case instead of the image's. */
  readonly disk?: { readonly path: string; readonly format: DiskFormat };
  readonly oemStrings?: readonly string[];
  /** File that receives the log of writes. */
  readonly writeLog?: string;
  /** Lines that this guest provokes. */
  readonly allowed?: readonly AllowedLine[];
}

/** Where the files of one guest lie; made by the lab. */
export interface GuestPlace {
  readonly directory: string;
  readonly credentials: string;
  readonly disk: { readonly path: string; readonly format: DiskFormat };
  readonly variableStore: string;
  readonly snapshot?: string;
}

/** The machine id follows from it, and snapshots must come back to the same machine. */
const TEST_UUID = "6ba1ba11-a57e-4000-8000-000000000001";
const CPUS = 2;
const MEMORY_MIB = 1024;

/** One machine of a case: it can be switched on again with the same disk. */
export class Guest implements AsyncDisposable {
  readonly place: GuestPlace;
  readonly options: GuestOptions;
  /** Whether it has been healthy since it was switched on: then its journal can be judged. */
  isHealthy = false;
  #machine: Machine | undefined;
  #api: RemoteApi | undefined;

  constructor(place: GuestPlace, options: GuestOptions) {
    this.place = place;
    this.options = options;
  }

  get machine(): Machine {
    if (this.#machine === undefined) throw new Error("The guest was never switched on");
    return this.#machine;
  }

  /** The remote API with the role admin. */
  get api(): RemoteApi {
    if (this.#api === undefined) throw new Error("The guest was never switched on");
    return this.#api;
  }

  get isRunning(): boolean {
    return this.#machine !== undefined && !this.#machine.hasEnded;
  }

  get consoleFile(): string {
    return join(this.place.directory, "console.log");
  }

  /** The admin's certificates, for clients that change one thing about them. */
  identity(): Promise<ClientIdentity> {
    return readIdentity(this.place.credentials);
  }

  /** Switches the machine on; with other user data than before if given. */
  async switchOn(change: Pick<GuestOptions, "userData" | "isBare"> = {}): Promise<void> {
    const options = { ...this.options, ...change };
    await this.#machine?.[Symbol.asyncDispose]();
    this.isHealthy = false;
    const { snapshot, disk, variableStore } = this.place;
    this.#machine = await Machine.start({
      name: "ballast-vm-test",
      disk: disk.path,
      diskFormat: disk.format,
      variableStore,
      accelerator: await chooseAccelerator(),
      memoryMiB: options.memoryMiB ?? MEMORY_MIB,
      cpus: CPUS,
      uuid: TEST_UUID,
      apiPort: 0,
      isIsolated: true,
      userDataFile: await this.#writeUserData(options),
      consoleFile: this.consoleFile,
      ...(options.oemStrings === undefined ? {} : { oemStrings: options.oemStrings }),
      ...(options.writeLog === undefined ? {} : { writeLog: options.writeLog }),
      ...(snapshot === undefined ? {} : { snapshot }),
    });
    this.#api = new RemoteApi(this.#machine.apiPort, await this.identity());
  }

  /** Waits until GET /health says so; gives the seconds that it took. */
  async healthy(fromLine = 0): Promise<number> {
    const startedMs = performance.now();
    const timeoutMs = bootLimitMs(await chooseAccelerator());
    await waitHealthy(this.machine, this.api, { timeoutMs, fromLine });
    this.isHealthy = true;
    return (performance.now() - startedMs) / 1000;
  }

  /** Asks the guest to reboot and waits until it is healthy again; the firmware, too, runs again. */
  async reboot(): Promise<number> {
    const eventsBefore = this.machine.qmp.events.items.length;
    const linesBefore = this.machine.console.lines.length;
    this.isHealthy = false;
    await this.api.call("POST", "/actions/reboot");
    await this.machine.waitForReset(bootLimitMs("tcg"), eventsBefore);
    return this.healthy(linesBefore);
  }

  /** Asks the guest to switch itself off and waits until it has. */
  async shutDown(): Promise<void> {
    await this.api.call("POST", "/actions/shutdown");
    await this.machine.waitForEnd(SHUTDOWN_LIMIT_MS);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#machine?.[Symbol.asyncDispose]();
  }

  async #writeUserData(options: GuestOptions): Promise<string> {
    const own = join(this.place.directory, "own-user-data.toml");
    const target = join(this.place.directory, "user-data.toml");
    await writeFile(own, options.userData ?? "");
    if (options.isBare === true) return own;
    await writeUserData({ credentials: this.place.credentials, ownFile: own, target });
    return target;
  }
}
