import { copyOf, viewOf } from "./bytes.ts";
import { GptError } from "./errors.ts";
import { decodeGuid, encodeGuid } from "./guid.ts";
import type { GptHeader } from "./header.ts";

const NAME_OFFSET = 56;
const NAME_UNITS = 36;

/** One used entry of the table (UEFI 2.10, 5.3.3). LBAs are inclusive; `number` counts from 1. */
export interface GptEntry {
  readonly number: number;
  readonly typeGuid: string;
  readonly partitionGuid: string;
  readonly firstLba: bigint;
  readonly lastLba: bigint;
  readonly attributes: bigint;
  readonly name: string;
}

export type EntryChanges = Partial<Omit<GptEntry, "number">>;

/** What becomes of the entry of this number. */
export interface EntryChange {
  readonly number: number;
  readonly changes: EntryChanges;
}

type EntryShape = Pick<GptHeader, "entryCount" | "entrySizeBytes">;

/** The used entries in table order. */
export function decodeEntries(shape: EntryShape, table: Uint8Array): GptEntry[] {
  const entries: GptEntry[] = [];
  for (let number = 1; number <= shape.entryCount; number++) {
    const bytes = bytesOf(shape, table, number);
    if (isUsed(bytes)) entries.push(decodeEntry(number, bytes));
  }
  return entries;
}

/** A copy of the table with fields of one entry changed. All other bytes stay, also behind byte 128 of the entry. */
export function changeEntry(
  shape: EntryShape,
  table: Uint8Array,
  number: number,
  changes: EntryChanges,
): Uint8Array {
  const changed = copyOf(table);
  const bytes = bytesOf(shape, changed, number);
  const view = viewOf(bytes);
  if (changes.typeGuid !== undefined) bytes.set(encodeGuid(changes.typeGuid), 0);
  if (changes.partitionGuid !== undefined) bytes.set(encodeGuid(changes.partitionGuid), 16);
  if (changes.firstLba !== undefined) view.setBigUint64(32, changes.firstLba, true);
  if (changes.lastLba !== undefined) view.setBigUint64(40, changes.lastLba, true);
  if (changes.attributes !== undefined) view.setBigUint64(48, changes.attributes, true);
  if (changes.name !== undefined) writeName(view, changes.name);
  return changed;
}

export function changeEntries(
  shape: EntryShape,
  table: Uint8Array,
  changes: readonly EntryChange[],
): Uint8Array {
  return changes.reduce(
    (changed, { number, changes: fields }) => changeEntry(shape, changed, number, fields),
    table,
  );
}

function bytesOf(shape: EntryShape, table: Uint8Array, number: number): Uint8Array {
  if (!Number.isInteger(number) || number < 1 || number > shape.entryCount)
    throw new GptError(
      "gpt.bad-value",
      `Cannot find entry ${number}: the table has entries 1 to ${shape.entryCount}`,
    );
  const start = (number - 1) * shape.entrySizeBytes;
  return table.subarray(start, start + shape.entrySizeBytes);
}

/** An entry without a type is unused, whatever else it holds. */
function isUsed(bytes: Uint8Array): boolean {
  const view = viewOf(bytes);
  return view.getBigUint64(0) !== 0n || view.getBigUint64(8) !== 0n;
}

function decodeEntry(number: number, bytes: Uint8Array): GptEntry {
  const view = viewOf(bytes);
  return {
    number,
    typeGuid: decodeGuid(bytes.subarray(0, 16)),
    partitionGuid: decodeGuid(bytes.subarray(16, 32)),
    firstLba: view.getBigUint64(32, true),
    lastLba: view.getBigUint64(40, true),
    attributes: view.getBigUint64(48, true),
    name: readName(view),
  };
}

/** Code units, not code points: a lone surrogate on disk is kept as it is. */
function readName(view: DataView): string {
  let name = "";
  for (let index = 0; index < NAME_UNITS; index++) {
    const unit = view.getUint16(NAME_OFFSET + index * 2, true);
    if (unit === 0) break;
    name += String.fromCharCode(unit);
  }
  return name;
}

function writeName(view: DataView, name: string): void {
  if (name.length > NAME_UNITS || name.includes("\0"))
    throw new GptError(
      "gpt.bad-value",
      `Cannot encode partition name ${JSON.stringify(name)}: it must have at most ${NAME_UNITS} UTF-16 units and no NUL`,
    );
  for (let index = 0; index < NAME_UNITS; index++)
    view.setUint16(NAME_OFFSET + index * 2, index < name.length ? name.charCodeAt(index) : 0, true);
}
