import { copyFile, mkdir, mkdtemp } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import {
  createContext,
  keysDirectory,
  makeKeys,
  pipeline,
  revoke,
  signImage,
  type Context,
} from "@ballast/harness";
import { makeSecureTemplate, REPOSITORY } from "@ballast/vm";
import { PARTITION, readPartition } from "./boot-flags.ts";
import type { Lab } from "./lab.ts";

const IMAGE = join(REPOSITORY, "images/standalone");
/** Older than any version that is built. */
const OLD_VERSION = "0.0.1";

/**
 * What a case of Secure Boot needs besides a guest: a machine's owner of its own, whose db has the build's key, so that
 * nothing a case revokes is revoked for anybody else.
 */
export class SecureBoot {
  readonly #lab: Lab;
  readonly #owner: string;

  private constructor(lab: Lab, owner: string) {
    this.#lab = lab;
    this.#owner = owner;
  }

  static async make(lab: Lab): Promise<SecureBoot> {
    const owner = join(await mkdtemp(join(lab.directory, "owner-")), "keys");
    await makeKeys(owner);
    for (const name of ["db.pem", "db.key"])
      await copyFile(join(keysDirectory(), name), join(owner, name));
    return new SecureBoot(lab, owner);
  }

  /** A variable store with the keys enrolled, and with what was revoked up to now. */
  async enrol(): Promise<{ readonly varsTemplate: string }> {
    const varsTemplate = join(await this.#newDirectory(), "vars.fd");
    await makeSecureTemplate(varsTemplate, this.#owner);
    return { varsTemplate };
  }

  async revoke(image: string): Promise<void> {
    await revoke(this.#owner, [image]);
  }

  /** The image's UKI before it was signed. */
  get unsignedUki(): string {
    return join(dirname(this.#lab.image.disk), "uki.unsigned.efi");
  }

  /** The same UKI signed by somebody whom this machine does not know. */
  async foreignUki(): Promise<string> {
    const directory = await this.#newDirectory();
    const strangers = join(directory, "keys");
    await makeKeys(strangers);
    return this.#sign(this.unsignedUki, strangers, directory);
  }

  /** The UKI of an older version, signed as it was when it was new. */
  async oldUki(): Promise<string> {
    const directory = await this.#newDirectory();
    for (const name of ["root.json", "verity.json"])
      await copyFile(join(dirname(this.#lab.image.disk), name), join(directory, name));
    const env = { ...process.env, BALLAST_VERSION: OLD_VERSION };
    const context = await createContext(IMAGE, env, directory);
    await pipeline.find(({ name }) => name === "uki")?.run(context);
    return this.#sign(join(directory, "uki.unsigned.efi"), this.#owner, directory, context);
  }

  /** Puts a program in the place of the selector on the ESP. */
  async replaceSelector(rawImage: string, program: string): Promise<void> {
    const { startBytes } = await readPartition(rawImage, PARTITION.esp);
    const esp = `/out/${basename(rawImage)}@@${startBytes}`;
    const context = await this.#context();
    await context.run(["mcopy", "-o", "-i", esp, "/tmp/program", "::EFI/BOOT/BOOTX64.EFI"], {
      readOnly: { "/tmp/program": program },
      writable: { "/out": dirname(rawImage) },
    });
  }

  async #sign(source: string, keys: string, directory: string, context?: Context): Promise<string> {
    const target = join(directory, "uki.efi");
    await signImage(context ?? (await this.#context()), keys, { source, target });
    return target;
  }

  async #context(): Promise<Context> {
    return createContext(IMAGE, process.env, await this.#newDirectory());
  }

  async #newDirectory(): Promise<string> {
    const directory = join(this.#lab.directory, "secure-boot");
    await mkdir(directory, { recursive: true });
    return mkdtemp(join(directory, "part-"));
  }
}
