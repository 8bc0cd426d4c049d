import { DatastoreError } from "./datastore-error.ts";

/** Primary result codes (sqlite.org/rescode.html) that mean that the disk under the database takes no writes. */
const READ_ONLY = 8;
const IO_ERROR = 10;
const FULL = 13;
const CANNOT_OPEN = 14;
const UNWRITABLE: readonly number[] = [READ_ONLY, IO_ERROR, CANNOT_OPEN];

/** The error to throw when SQLite could not write because of the disk; undefined for every other one. */
export function writeFault(cause: unknown): DatastoreError | undefined {
  if (!(cause instanceof Error) || !("errcode" in cause)) return undefined;
  // The low byte is the primary code; extended codes say where.
  const code = Number(cause.errcode) & 0xff;
  if (code === FULL)
    return new DatastoreError("datastore.full", "Cannot store settings: the disk is full", {
      cause,
      hint: "Nothing was changed. GET /health tells what this machine lacks.",
    });
  if (!UNWRITABLE.includes(code)) return undefined;
  return new DatastoreError(
    "datastore.unwritable",
    "Cannot store settings: the disk takes no writes",
    {
      cause,
      hint: "Nothing was changed. STATE may be damaged: a restart of the machine checks and repairs it.",
    },
  );
}
