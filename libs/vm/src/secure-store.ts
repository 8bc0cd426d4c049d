import { existsSync } from "node:fs";
import { join } from "node:path";
import { findFirmware, makeVariableStore } from "./firmware.ts";
import { REPOSITORY } from "./paths.ts";
import { makeScratchDir } from "./scratch-dir.ts";

/**
 * Makes a template of a variable store in which the keys are enrolled, so that firmware of the kind "secure-boot" starts
 * only what they signed, and nothing that they revoked. `keys` is their folder, by default that of the build.
 */
export async function makeSecureTemplate(target: string, keys?: string): Promise<void> {
  // Loaded only here: who starts a guest without Secure Boot need not wait for all of the build.
  const { createContext, enrolKeys, keysDirectory } = await import("@ballast/harness");
  const directory = keys ?? keysDirectory();
  const dbx = join(directory, "dbx.auth");
  await enrolKeys(await createContext(join(REPOSITORY, "images/sdk"), process.env), {
    directory,
    template: findFirmware("secure-boot").vars,
    target,
    ...(existsSync(dbx) ? { dbx } : {}),
  });
}

/** The same as the private store of one machine. */
export async function makeSecureVariableStore(target: string): Promise<void> {
  using scratch = makeScratchDir();
  const template = join(scratch.path, "vars.fd");
  await makeSecureTemplate(template);
  await makeVariableStore({ vars: template }, target);
}
