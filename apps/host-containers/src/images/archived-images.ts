import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { errorFields, type Log } from "@ballast/service";
import type { ImageImporter } from "./image-importer.ts";
import { OciArchive } from "./oci-archive.ts";
import { normalReference } from "./reference.ts";

/** The images that came with the image of this machine, for containers that start without a registry. */
export class ArchivedImages {
  readonly #folder: string;
  readonly #importer: ImageImporter;
  readonly #log: Log;
  #paths: Promise<ReadonlyMap<string, string>> | undefined;

  constructor(folder: string, importer: ImageImporter, log: Log) {
    this.#folder = folder;
    this.#importer = importer;
    this.#log = log;
  }

  /** Imports the image if there is an archive that has it; answers whether. */
  async bring(name: string): Promise<boolean> {
    // The folder is part of a root that never changes.
    this.#paths ??= this.#look();
    const reference = normalReference(name);
    const archive = (await this.#paths).get(reference);
    if (archive === undefined) return false;
    await this.#importer.ensure({ archive, reference, isPinned: false });
    this.#log.notice("Imported an image that came with the machine", { image: reference });
    return true;
  }

  async #look(): Promise<ReadonlyMap<string, string>> {
    const paths = new Map<string, string>();
    for (const name of await this.#names()) {
      const path = join(this.#folder, name);
      try {
        await using archive = await OciArchive.open(path);
        for (const reference of await archive.references()) paths.set(reference, path);
      } catch (error) {
        this.#log.error("Cannot take an archive of images", errorFields(error));
      }
    }
    return paths;
  }

  async #names(): Promise<string[]> {
    try {
      return (await readdir(this.#folder)).filter((name) => name.endsWith(".tar")).toSorted();
    } catch (error) {
      if (error instanceof Error && "code" in error && error.code === "ENOENT") return [];
      throw error;
    }
  }
}
