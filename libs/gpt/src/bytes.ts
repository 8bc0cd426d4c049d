/** A view of exactly these bytes; GPT is little-endian throughout (UEFI 2.10, 1.8.1). */
export function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** Natively: a loop over a table takes milliseconds where there is no JIT. */
export function isEqual(left: Uint8Array, right: Uint8Array): boolean {
  return Buffer.compare(left, right) === 0;
}

export function hex(value: number): string {
  return `0x${value.toString(16).padStart(8, "0")}`;
}

/** A copy of its own. Not `slice()`: that of a Buffer shares the memory. */
export function copyOf(bytes: Uint8Array): Uint8Array {
  return new Uint8Array(bytes);
}
