import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { isAbsolute, join } from "node:path";
import { BuildError } from "../core/build-error.ts";
import { repositoryPath } from "../core/paths.ts";

/** The keys of Secure Boot, each trusted by the one before it: the machine's owner, who may change db, what may boot. */
export const KEY_NAMES = ["PK", "KEK", "db"] as const;
export type KeyName = (typeof KEY_NAMES)[number];

/** Names the machine's owner in every signature list, as the specification asks. */
const OWNER_FILE = "owner-guid";

/** Where the keys are: `BALLAST_KEYS`, else `images/keys` of the clone, which git ignores. */
export function keysDirectory(env: NodeJS.ProcessEnv = process.env): string {
  const given = env["BALLAST_KEYS"];
  if (given === undefined || given === "") return repositoryPath("images/keys");
  // Tasks run in the folder of their workspace: a relative path would mean something else in each.
  if (!isAbsolute(given))
    throw new BuildError(
      "build.usage",
      `Cannot use BALLAST_KEYS="${given}": it must be an absolute path`,
    );
  return given;
}

/**
 * turbo cannot see into a folder outside of the clone: whoever names one also names, in `BALLAST_SIGNER`, the certificate
 * that shall sign, as SHA-256 of its DER in hex. That is part of the step's hash, so other keys are another build, and the
 * wrong keys none.
 */
export function checkSigner(certificateSha256: string, env: NodeJS.ProcessEnv = process.env): void {
  const wanted = env["BALLAST_SIGNER"] ?? "";
  const isNeeded = (env["BALLAST_KEYS"] ?? "") !== "";
  if (wanted === certificateSha256 || (wanted === "" && !isNeeded)) return;
  throw new BuildError(
    "build.usage",
    `Cannot sign with the certificate ${certificateSha256}: BALLAST_SIGNER ${wanted === "" ? "is not set" : `is "${wanted}"`}`,
    { hint: `If these are the right keys, set BALLAST_SIGNER=${certificateSha256}` },
  );
}

/** A private key (PEM, PKCS #8, no pass phrase) and its certificate (PEM). */
export function keyFiles(directory: string, name: KeyName): { key: string; certificate: string } {
  return { key: join(directory, `${name}.key`), certificate: join(directory, `${name}.pem`) };
}

export function hasKeys(directory: string): boolean {
  return KEY_NAMES.some((name) => {
    const { key, certificate } = keyFiles(directory, name);
    return existsSync(key) || existsSync(certificate);
  });
}

export function ownerFile(directory: string): string {
  return join(directory, OWNER_FILE);
}

export async function readOwner(directory: string): Promise<string> {
  return (await readKeyFile(ownerFile(directory), "the owner's GUID")).trim();
}

/** Reads a file of the folder; one that is missing is explained. */
export async function readKeyFile(file: string, what: string): Promise<string> {
  try {
    return await readFile(file, "utf8");
  } catch (cause) {
    throw missingKey(file, what, cause);
  }
}

export function missingKey(file: string, what: string, cause?: unknown): BuildError {
  return new BuildError("build.no-keys", `Cannot read ${what}, "${file}"`, {
    cause,
    hint: "Run npm run keys: it makes keys for development. A release brings its own, in the folder BALLAST_KEYS.",
  });
}
