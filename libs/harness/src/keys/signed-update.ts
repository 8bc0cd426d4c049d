// First: the library looks for it while it loads. It has no exports.
// oxlint-disable-next-line import/no-unassigned-import
import "reflect-metadata";
import { sign } from "node:crypto";
import * as x509 from "@peculiar/x509";
import { guidBytes } from "./signature-list.ts";

export interface Update {
  readonly variable: "PK" | "KEK" | "db" | "dbx";
  /** The signature lists that become the variable's value, or are added to it. */
  readonly lists: Buffer;
  /** Firmware refuses to replace a value by an older one; what is added may be of any age. */
  readonly time: Date;
  readonly isAppended: boolean;
}

/** Both PEM. */
export interface UpdateSigner {
  readonly certificate: string;
  readonly key: string;
}

const GLOBAL = "8be4df61-93ca-11d2-aa0d-00e098032b8c";
const IMAGE_SECURITY = "d719b2cb-3d3a-4596-a3bc-dad00e67656f";
const VENDOR = { PK: GLOBAL, KEK: GLOBAL, db: IMAGE_SECURITY, dbx: IMAGE_SECURITY } as const;
/** NON_VOLATILE, BOOTSERVICE_ACCESS, RUNTIME_ACCESS, TIME_BASED_AUTHENTICATED_WRITE_ACCESS; APPEND_WRITE. */
const [ATTRIBUTES, APPEND_WRITE] = [0x27, 0x40];
const CERTIFICATE_PKCS7 = "4aafd29d-68df-49ee-8aa9-347d375665a7";
const [WIN_CERTIFICATE_REVISION, WIN_CERTIFICATE_EFI_GUID] = [0x0200, 0x0ef1];

/**
 * The bytes with which SetVariable() changes a variable of Secure Boot: EFI_VARIABLE_AUTHENTICATION_2 (UEFI
 * 2.10, "Using the EFI_VARIABLE_AUTHENTICATION_2 descriptor"), then the lists. The signature is over name, vendor,
 * attributes, time and lists.
 */
export function signedUpdate(update: Update, signer: UpdateSigner): Buffer {
  const attributes = Buffer.alloc(4);
  attributes.writeUInt32LE(ATTRIBUTES | (update.isAppended ? APPEND_WRITE : 0));
  const time = efiTime(update.time);
  const message = Buffer.concat([
    Buffer.from(update.variable, "utf16le"),
    guidBytes(VENDOR[update.variable]),
    attributes,
    time,
    update.lists,
  ]);
  const signature = signedData(message, signer);
  const header = Buffer.alloc(8);
  header.writeUInt32LE(header.length + 16 + signature.length, 0);
  header.writeUInt16LE(WIN_CERTIFICATE_REVISION, 4);
  header.writeUInt16LE(WIN_CERTIFICATE_EFI_GUID, 6);
  return Buffer.concat([time, header, guidBytes(CERTIFICATE_PKCS7), signature, update.lists]);
}

/** EFI_TIME in UTC; nanoseconds, zone and daylight must be 0 here. */
function efiTime(time: Date): Buffer {
  const bytes = Buffer.alloc(16);
  bytes.writeUInt16LE(time.getUTCFullYear(), 0);
  bytes.set(
    [
      time.getUTCMonth() + 1,
      time.getUTCDate(),
      time.getUTCHours(),
      time.getUTCMinutes(),
      time.getUTCSeconds(),
    ],
    2,
  );
  return bytes;
}

const OID = {
  data: "2a864886f70d010701",
  sha256: "608648016503040201",
  rsaEncryption: "2a864886f70d010101",
} as const;

/** SignedData of PKCS #7 1.5 (RFC 2315, 9.1), detached and without attributes, not wrapped in a ContentInfo. */
function signedData(message: Buffer, signer: UpdateSigner): Buffer {
  const certificate = new x509.X509Certificate(signer.certificate);
  const sha256 = sequence(der(0x06, Buffer.from(OID.sha256, "hex")), der(0x05));
  const rsa = sequence(der(0x06, Buffer.from(OID.rsaEncryption, "hex")), der(0x05));
  const version = der(0x02, Buffer.from([1]));
  const signerInfo = sequence(
    version,
    sequence(
      Buffer.from(certificate.issuerName.toArrayBuffer()),
      der(0x02, Buffer.from(certificate.serialNumber, "hex")),
    ),
    sha256,
    rsa,
    der(0x04, sign("sha256", message, signer.key)),
  );
  return sequence(
    version,
    der(0x31, sha256),
    sequence(der(0x06, Buffer.from(OID.data, "hex"))),
    der(0xa0, Buffer.from(certificate.rawData)),
    der(0x31, signerInfo),
  );
}

function sequence(...parts: readonly Buffer[]): Buffer {
  return der(0x30, ...parts);
}

function der(tag: number, ...parts: readonly Buffer[]): Buffer {
  const content = Buffer.concat(parts);
  if (content.length < 0x80) return Buffer.concat([Buffer.from([tag, content.length]), content]);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(content.length);
  const digits = length.subarray(length.findIndex((byte) => byte !== 0));
  return Buffer.concat([Buffer.from([tag, 0x80 | digits.length]), digits, content]);
}
