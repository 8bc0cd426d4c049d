/** EFI_SIGNATURE_LIST (UEFI 2.10, "Signature Database"): one type, entries of one size, each with the GUID of its owner. */
const TYPE_X509 = "a5c059a1-94e4-4aa7-87b5-ab155c2bf072";
const TYPE_SHA256 = "c1c41626-504c-4092-aca9-41f936934328";
const HEADER_BYTES = 28;
const GUID_BYTES = 16;
const HASH_BYTES = 32;

/** A list of one certificate in DER, as PK, KEK and db hold it. */
export function certificateList(owner: string, der: Uint8Array): Buffer {
  return list(TYPE_X509, owner, [der]);
}

/** A list of SHA-256 hashes of images, as dbx holds it. */
export function hashList(owner: string, hashes: readonly string[]): Buffer {
  return list(
    TYPE_SHA256,
    owner,
    hashes.map((hash) => Buffer.from(hash, "hex")),
  );
}

/** The hashes, lower-case hex, in what {@link hashList} made. */
export function readHashList(bytes: Buffer): string[] {
  if (bytes.length < HEADER_BYTES || !bytes.subarray(0, GUID_BYTES).equals(guidBytes(TYPE_SHA256)))
    throw new RangeError("It is no list of SHA-256 hashes");
  const entry = GUID_BYTES + HASH_BYTES;
  const count = (bytes.length - HEADER_BYTES) / entry;
  if (bytes.readUInt32LE(GUID_BYTES) !== bytes.length || !Number.isInteger(count))
    throw new RangeError(`Its length is ${bytes.length}, which its header does not say`);
  return Array.from({ length: count }, (_, index) => {
    const start = HEADER_BYTES + index * entry + GUID_BYTES;
    return bytes.subarray(start, start + HASH_BYTES).toString("hex");
  });
}

function list(type: string, owner: string, entries: readonly Uint8Array[]): Buffer {
  const entryBytes = GUID_BYTES + (entries[0]?.length ?? 0);
  const header = Buffer.alloc(HEADER_BYTES);
  guidBytes(type).copy(header);
  header.writeUInt32LE(HEADER_BYTES + entries.length * entryBytes, 16);
  header.writeUInt32LE(0, 20);
  header.writeUInt32LE(entryBytes, 24);
  return Buffer.concat([header, ...entries.flatMap((entry) => [guidBytes(owner), entry])]);
}

/** A GUID as EFI has it in memory: the first three fields are little-endian. */
export function guidBytes(guid: string): Buffer {
  const hex = guid.trim().replaceAll("-", "");
  if (!/^[0-9a-f]{32}$/i.test(hex)) throw new RangeError(`"${guid}" is no GUID`);
  const bytes = Buffer.from(hex, "hex");
  return Buffer.concat([
    bytes.subarray(0, 4).toReversed(),
    bytes.subarray(4, 6).toReversed(),
    bytes.subarray(6, 8).toReversed(),
    bytes.subarray(8),
  ]);
}
