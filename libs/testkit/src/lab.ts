import { copyFile, mkdir, mkdtemp } from "node:fs/promises";
import { dirname, join } from "node:path";
import { deriveSlot, type SlotParts } from "@ballast/harness";
import {
  convertImage,
  copyImage,
  ensureCredentials,
  findFirmware,
  makeOverlay,
  makeScratchDir,
  makeVariableStore,
  readIdentity,
  type ClientIdentity,
  type ScratchDir,
} from "@ballast/vm";
import { Guest, type GuestOptions, type GuestPlace } from "./guest.ts";
import { issueClient, type ClientProfile } from "./issue-client.ts";
import { onlyOnce } from "./only-once.ts";
import { makeSlotB, type SlotB, type SlotBOptions } from "./slot-b.ts";
import { findProductImage, type ProductImage } from "./product-image.ts";
import { mustBeClean } from "./verdict.ts";

export interface ReleaseOptions {
  readonly version: string;
  /** Folders whose files are added to the root. */
  readonly added: readonly string[];
  /** What is added to the kernel command line. */
  readonly parameters?: readonly string[];
}

const SNAPSHOT = "healthy";

/**
 * The world of one case: the image under test, a scratch directory, and the guests it made, which end with it.
 * `shared` is a directory of the whole test run, with the credentials and the snapshot of a healthy guest.
 */
export class Lab implements AsyncDisposable {
  readonly image: ProductImage = findProductImage();
  readonly guests: Guest[] = [];
  readonly #shared: string;
  readonly #scratch: ScratchDir = makeScratchDir();

  constructor(shared: string) {
    this.#shared = shared;
  }

  /** Directory that ends with the case. */
  get directory(): string {
    return this.#scratch.path;
  }

  get credentials(): string {
    return join(this.#shared, "credentials");
  }

  /** Switches a new guest on, with a fresh disk made of the image unless the case brings one. */
  async boot(options: GuestOptions = {}): Promise<Guest> {
    const guest = new Guest(await this.#makePlace(options), options);
    this.guests.push(guest);
    await guest.switchOn();
    return guest;
  }

  /**
   * A guest that is healthy already: it continues the snapshot that the first such case of a test run makes. Each
   * case gets copies of the snapshot's files and a QEMU of its own, so that cases cannot disturb each other.
   */
  async resume(options: Pick<GuestOptions, "allowed"> = {}): Promise<Guest> {
    const source = await this.#ensureSnapshot();
    const directory = await this.#makeDirectory();
    const disk = join(directory, "disk.qcow2");
    const variableStore = join(directory, "vars.qcow2");
    await copyImage(join(source, "disk.qcow2"), disk);
    await copyFile(join(source, "vars.qcow2"), variableStore);
    const guest = new Guest(
      {
        directory,
        credentials: this.credentials,
        disk: { path: disk, format: "qcow2" },
        variableStore,
        snapshot: SNAPSHOT,
      },
      options,
    );
    this.guests.push(guest);
    await guest.switchOn();
    await guest.healthy();
    return guest;
  }

  /** A disk of the case's own with the image on it, as raw file. */
  async makeDisk(): Promise<string> {
    const path = join(await mkdtemp(join(this.directory, "disk-")), "disk.raw");
    await convertImage(this.image.disk, path, "raw");
    return path;
  }

  /** The same with another system in slot B, which boots next, on trial. */
  async makeDiskWithB(options: SlotBOptions = {}): Promise<SlotB> {
    return makeSlotB(this.image, await this.makeDisk(), options);
  }

  /** The image as another version of itself, to be published as a release. */
  async makeRelease(options: ReleaseOptions): Promise<SlotParts> {
    const { parameters = [], ...others } = options;
    const directory = await mkdtemp(join(this.directory, "release-"));
    return deriveSlot({ image: dirname(this.image.disk), directory, parameters, ...others });
  }

  /** Certificates that are right in every way but for the authority that issued them; believes the given one. */
  async foreignIdentity(ca: string): Promise<ClientIdentity> {
    const directory = join(this.directory, "foreign-credentials");
    await ensureCredentials(directory);
    return { ...(await readIdentity(directory)), ca };
  }

  /** Certificates by the right authority for anything that a case wants to show. */
  async clientIdentity(profile: ClientProfile): Promise<ClientIdentity> {
    const directory = await mkdtemp(join(this.directory, "client-"));
    return issueClient(this.credentials, directory, profile);
  }

  /** Fails if anything was wrong in any boot of any guest. */
  async judge(): Promise<void> {
    for (const guest of this.guests) await guest.judge();
    mustBeClean(this.guests.map(({ verdict }) => verdict));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const guest of this.guests) await guest[Symbol.asyncDispose]();
    this.#scratch[Symbol.dispose]();
  }

  async #ensureSnapshot(): Promise<string> {
    const directory = join(this.#shared, "snapshot");
    await onlyOnce(directory, (place) => this.#makeSnapshot(place));
    return directory;
  }

  async #makeSnapshot(directory: string): Promise<void> {
    const guest = new Guest(await this.#makePlace({}, directory), {});
    // As any guest of this case: its boot is judged, and its console kept if something fails.
    this.guests.push(guest);
    await guest.switchOn();
    const seconds = await guest.healthy();
    console.log(`The shared snapshot's guest was healthy after ${seconds.toFixed(1)} s`);
    await guest.machine.saveSnapshot(SNAPSHOT);
    await guest.powerCut();
  }

  async #makePlace(options: GuestOptions, directory?: string): Promise<GuestPlace> {
    const place = directory ?? (await this.#makeDirectory());
    await mkdir(place, { recursive: true });
    await ensureCredentials(this.credentials);
    const variableStore = join(place, "vars.qcow2");
    const vars = options.secureBoot?.varsTemplate ?? findFirmware().vars;
    await makeVariableStore({ vars }, variableStore);
    const overlay = { path: join(place, "disk.qcow2"), format: "qcow2" } as const;
    if (options.disk === undefined) await makeOverlay(this.image.disk, overlay.path);
    const disk = options.disk ?? overlay;
    return { directory: place, credentials: this.credentials, disk, variableStore };
  }

  async #makeDirectory(): Promise<string> {
    const directory = join(this.directory, `guest-${this.guests.length + 1}`);
    await mkdir(directory, { recursive: true });
    return directory;
  }
}
