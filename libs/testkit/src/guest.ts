import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import {
  bootLimitMs,
  chooseAccelerator,
  Machine,
  RemoteApi,
  readIdentity,
  SHUTDOWN_LIMIT_MS,
  waitAnswering,
  waitHealthy,
  writeUserData,
  type ClientIdentity,
  type DiskFormat,
  type NetworkCard,
  type StartOptions,
} from "@ballast/vm";
import type { AllowedLine } from "./allowed-lines.ts";
import { Verdict } from "./verdict.ts";

/** What a machine finds when it is switched on. */
export interface UserDataOptions {
  /** User data of the case's own, TOML. What turns the remote API on is added unless `isBare`. */
  readonly userData?: string;
  /** The user data is taken literally; without the remote API only the console tells. */
  readonly isBare?: boolean;
  /** Where the guest finds it: in QEMU's firmware configuration, or on a volume labelled BALLAST. */
  readonly userDataSource?: "fw-cfg" | "volume";
}

export interface GuestOptions extends UserDataOptions {
  readonly memoryMiB?: number;
  /** A disk prepared by the case instead of the image's. */
  readonly disk?: { readonly path: string; readonly format: DiskFormat };
  /** A disk that the firmware does not boot from. */
  readonly secondDisk?: { readonly path: string; readonly format: DiskFormat };
  readonly oemStrings?: readonly string[];
  /** Network cards besides that of the API. */
  readonly cards?: readonly NetworkCard[];
  /** Firmware that starts only what is signed by a key in this variable store, a raw template. */
  readonly secureBoot?: { readonly varsTemplate: string };
  /** What the clock says at power-on, UTC, without a zone. */
  readonly clock?: string;
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
/**
 * The kernel patches its own code while it runs, and an emulated second processor may still execute what was there before:
 * now and then a boot ended in "Oops: int3". With one that cannot happen, and two guests fit beside each other.
 */
const CPUS = { kvm: 2, tcg: 1 } as const;
const MEMORY_MIB = 1024;
const LABEL = "BALLAST";

/**
 * One machine of a case: it can be switched on again with the same disk. Whatever ends a boot judges it first, so end
 * boots through this class and not through the machine.
 */
export class Guest implements AsyncDisposable {
  readonly place: GuestPlace;
  readonly options: GuestOptions;
  readonly verdict: Verdict;
  /** Whether this boot has been healthy and its journal is still to be judged. */
  #isToBeJudged = false;
  #starts = 0;
  #journals = 0;
  #volumes = 0;
  #machine: Machine | undefined;
  #api: RemoteApi | undefined;

  constructor(place: GuestPlace, options: GuestOptions) {
    this.place = place;
    this.options = options;
    this.verdict = new Verdict(options.allowed ?? []);
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

  /** The admin's certificates, for clients that change one thing about them. */
  identity(): Promise<ClientIdentity> {
    return readIdentity(this.place.credentials);
  }

  /** Switches the machine on; with other user data than before if given. */
  async switchOn(change: UserDataOptions = {}): Promise<void> {
    const options = { ...this.options, ...change };
    await this.judge();
    await this.#machine?.[Symbol.asyncDispose]();
    this.#isToBeJudged = false;
    this.#starts += 1;
    const { snapshot, disk, variableStore, directory } = this.place;
    const accelerator = await chooseAccelerator();
    this.#machine = await Machine.start({
      name: "ballast-vm-test",
      disk: disk.path,
      diskFormat: disk.format,
      variableStore,
      accelerator,
      memoryMiB: options.memoryMiB ?? MEMORY_MIB,
      cpus: CPUS[accelerator],
      uuid: TEST_UUID,
      apiPort: 0,
      isIsolated: true,
      consoleFile: join(directory, `console-${this.#starts}.log`),
      ...(await this.#offerUserData(options)),
      isSecureBoot: options.secureBoot !== undefined,
      ...(options.oemStrings === undefined ? {} : { oemStrings: options.oemStrings }),
      ...(options.cards === undefined ? {} : { cards: options.cards }),
      ...(options.clock === undefined ? {} : { clock: options.clock }),
      ...(options.writeLog === undefined ? {} : { writeLog: options.writeLog }),
      ...(options.secondDisk === undefined ? {} : { secondDisk: options.secondDisk }),
      ...(snapshot === undefined ? {} : { snapshot }),
    });
    this.#api = new RemoteApi(this.#machine.apiPort, await this.identity());
  }

  /** Pulls the volume with user data while the machine runs, and plugs in one with other user data. */
  async swapVolume(change: Pick<UserDataOptions, "userData" | "isBare">): Promise<void> {
    const volume = await this.#makeVolume({ ...this.options, ...change });
    await this.machine.replaceVolume(volume);
  }

  /** Waits until GET /health says so; gives the seconds that it took. */
  async healthy(
    options: { readonly fromLine?: number; readonly isBeingCorrected?: boolean } = {},
  ): Promise<number> {
    const startedMs = performance.now();
    const timeoutMs = bootLimitMs(await chooseAccelerator());
    await waitHealthy(this.machine, this.api, { ...options, timeoutMs });
    this.#isToBeJudged = true;
    return (performance.now() - startedMs) / 1000;
  }

  /** Waits until the API answers, well or not. A boot that is left then is judged by its console alone. */
  async answering(): Promise<void> {
    await waitAnswering(this.machine, this.api, bootLimitMs(await chooseAccelerator()));
  }

  /** Asks the guest to reboot and waits until it is healthy again; the firmware, too, runs again. */
  reboot(request = "/actions/reboot", body?: unknown): Promise<number> {
    return this.rebootBy(() => this.api.call("POST", request, body));
  }

  /** Does what reboots the guest, and waits until it is healthy again. */
  async rebootBy(act: () => Promise<unknown>): Promise<number> {
    await this.#judgeBoot();
    const linesBefore = this.machine.console.lines.length;
    await this.#resetBy(act);
    return this.healthy({ fromLine: linesBefore });
  }

  /** Sends a request that ends in a reset of the machine, and waits for that. */
  requestReset(request: string, body?: unknown): Promise<void> {
    return this.#resetBy(() => this.api.call("POST", request, body));
  }

  async #resetBy(act: () => Promise<unknown>): Promise<void> {
    const eventsBefore = this.machine.qmp.events.items.length;
    await act();
    await this.machine.waitForReset(bootLimitMs("tcg"), eventsBefore);
  }

  /** Asks the guest to switch itself off and waits until it has. */
  async shutDown(): Promise<void> {
    await this.#judgeBoot();
    await this.api.call("POST", "/actions/shutdown");
    await this.machine.waitForEnd(SHUTDOWN_LIMIT_MS);
  }

  /** Presses the power button and waits until the guest has switched itself off. */
  async powerDown(): Promise<void> {
    await this.#judgeBoot();
    await this.machine.powerDown(SHUTDOWN_LIMIT_MS);
  }

  /** Pulls the plug: what the guest has not flushed may be lost. */
  async powerCut(): Promise<void> {
    await this.#judgeBoot();
    await this.machine.powerCut();
  }

  /** Adds what is wrong with the present boot, and with the console up to now, to the verdict. */
  async judge(): Promise<void> {
    if (this.#machine === undefined) return;
    if (this.isRunning) await this.#judgeBoot();
    else if (this.#isToBeJudged) this.verdict.add("The machine ended before it could be judged");
    await this.verdict.addConsole(this.#machine.console.lines.map(({ text }) => text));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#machine?.[Symbol.asyncDispose]();
  }

  /** A boot that never was healthy has no API to ask: it is judged by its console. */
  async #judgeBoot(): Promise<void> {
    if (!this.#isToBeJudged) return;
    this.#journals += 1;
    const file = join(this.place.directory, `judged-${this.#journals}.jsonl`);
    await this.verdict.addBoot(this.api, file);
    this.#isToBeJudged = false;
  }

  async #offerUserData(
    options: GuestOptions,
  ): Promise<Pick<StartOptions, "userDataFile" | "volume">> {
    if (options.userDataSource === "volume") return { volume: await this.#makeVolume(options) };
    const target = join(this.place.directory, "user-data.toml");
    await this.#writeUserData(options, target);
    return { userDataFile: target };
  }

  /** Each volume is a directory of its own: QEMU reads it when it is plugged in and must not see it change. */
  async #makeVolume(options: UserDataOptions): Promise<{ directory: string; label: string }> {
    this.#volumes += 1;
    const directory = join(this.place.directory, `volume-${this.#volumes}`);
    await mkdir(directory);
    await this.#writeUserData(options, join(directory, "user-data.toml"));
    return { directory, label: LABEL };
  }

  async #writeUserData(options: UserDataOptions, target: string): Promise<void> {
    if (options.isBare === true) {
      await writeFile(target, options.userData ?? "");
      return;
    }
    const own = join(this.place.directory, "own-user-data.toml");
    await writeFile(own, options.userData ?? "");
    await writeUserData({ credentials: this.place.credentials, ownFile: own, target });
  }
}
