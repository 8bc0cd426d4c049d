/** One value of a DER encoding (X.690 clause 10), as far as certificates and revocation lists use it. */
export interface DerValue {
  readonly tag: number;
  /** Content without tag and length. */
  readonly content: Buffer;
  /** The value with tag and length: what a signature is over. */
  readonly whole: Buffer;
}

export const DER = {
  integer: 0x02,
  bitString: 0x03,
  objectIdentifier: 0x06,
  utcTime: 0x17,
  generalizedTime: 0x18,
  sequence: 0x30,
  boolean: 0x01,
} as const;

/** The values that follow each other in these bytes. Throws if they are not whole, or not in the shortest form. */
export function readDerValues(bytes: Buffer): DerValue[] {
  const values: DerValue[] = [];
  for (let at = 0; at < bytes.length;) {
    const value = readAt(bytes, at);
    values.push(value);
    at += value.whole.length;
  }
  return values;
}

/** The members of a value that must have this tag. */
export function derMembers(value: DerValue | undefined, tag: number = DER.sequence): DerValue[] {
  return readDerValues(derContent(value, tag));
}

/** The content of a value that must have this tag. */
export function derContent(value: DerValue | undefined, tag: number): Buffer {
  if (value?.tag !== tag) throw new Error(`DER value has tag ${value?.tag}, must be ${tag}`);
  return value.content;
}

function readAt(bytes: Buffer, at: number): DerValue {
  const tag = bytes[at] ?? 0;
  if ((tag & 0x1f) === 0x1f) throw new Error("DER tag is longer than a byte");
  const first = bytes[at + 1];
  if (first === undefined) throw new Error("DER value has no length");
  const lengthBytes = first < 0x80 ? 0 : first & 0x7f;
  const start = at + 2 + lengthBytes;
  if (first === 0x80 || lengthBytes > 4 || start > bytes.length)
    throw new Error("DER length is not definite and of at most 4 bytes");
  const length = lengthBytes === 0 ? first : bytes.readUIntBE(at + 2, lengthBytes);
  if (lengthBytes > 0 && (length < 0x80 || bytes[at + 2] === 0))
    throw new Error("DER length is not in its shortest form");
  if (length > bytes.length - start) throw new Error("DER value goes on past the end");
  return {
    tag,
    content: bytes.subarray(start, start + length),
    whole: bytes.subarray(at, start + length),
  };
}
