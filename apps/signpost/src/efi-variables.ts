import * as fs from "node:fs";
import { EXIT } from "@ballast/errors";
import { exitCodeOf, isErrno, SignpostError } from "./errors.ts";
import type { Places } from "./places.ts";

/** Ballast's variables of the firmware; their meanings are in kernel/selector/README.md. */
type BallastVariable = "BallastParameters" | "BallastParametersState" | "BallastParametersTrial";

const VENDOR = "9827a087-6bb9-4c6f-81e2-7dd9ee596f0b";

/** Non-volatile, seen by boot services and at run time (UEFI 2.10, 8.2.1). */
const KEPT = Uint8Array.of(7, 0, 0, 0);

/** efivarfs puts 4 bytes of attributes before the value. */
export function readVariable(places: Places, name: BallastVariable): string | undefined {
  const file = variablePath(places, name);
  try {
    return fs.readFileSync(file).subarray(KEPT.length).toString("latin1");
  } catch (error) {
    if (isErrno(error, "ENOENT")) return undefined;
    throw fault("read", file, error);
  }
}

/**
 * Writes an ASCII value as one that is kept without power. efivarfs takes a variable in a single write, and refuses to
 * change one that it does not know until somebody has taken its immutable flag away; boot-parameters@.service does.
 */
export function writeVariable(places: Places, name: BallastVariable, value: string): void {
  requireVariables(places);
  const file = variablePath(places, name);
  const bytes = Buffer.concat([KEPT, Buffer.from(value, "latin1")]);
  try {
    writeWhole(file, bytes);
  } catch (error) {
    throw fault("write", file, error);
  }
  if (readVariable(places, name) !== value)
    throw fault("write", file, new Error("it reads back as something else"));
}

export function deleteVariable(places: Places, name: BallastVariable): void {
  const file = variablePath(places, name);
  try {
    fs.unlinkSync(file);
  } catch (error) {
    if (!isErrno(error, "ENOENT")) throw fault("delete", file, error);
  }
}

function writeWhole(file: string, bytes: Uint8Array): void {
  const { O_CREAT, O_WRONLY } = fs.constants;
  const isNew = !fs.existsSync(file);
  const handle = fs.openSync(file, isNew ? O_WRONLY | O_CREAT : O_WRONLY, 0o644);
  try {
    const written = fs.writeSync(handle, bytes);
    if (written !== bytes.length) throw new Error(`only ${written} bytes were taken`);
    // Never so in efivarfs, where a write replaces the value.
    if (fs.fstatSync(handle).size > bytes.length) fs.ftruncateSync(handle, bytes.length);
  } catch (error) {
    // efivarfs keeps an empty file for what the firmware did not take.
    if (isNew) fs.rmSync(file, { force: true });
    throw error;
  } finally {
    fs.closeSync(handle);
  }
}

function requireVariables(places: Places): void {
  const folder = variableFolder(places);
  if (fs.existsSync(folder) && fs.readdirSync(folder).length > 0) return;
  throw new SignpostError(
    "signpost.no-variables",
    "Cannot write to the firmware: it offers no variables to the running system",
    { exitCode: EXIT.unavailable },
  );
}

function variableFolder({ sys }: Places): string {
  return `${sys}/firmware/efi/efivars`;
}

function variablePath(places: Places, name: BallastVariable): string {
  return `${variableFolder(places)}/${name}-${VENDOR}`;
}

function fault(act: string, file: string, cause: unknown): SignpostError {
  return new SignpostError("signpost.no-variables", `Cannot ${act} EFI variable "${file}"`, {
    cause,
    exitCode: exitCodeOf(cause),
  });
}
