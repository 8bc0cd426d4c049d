import { verify, type X509Certificate } from "node:crypto";
import { DER, derContent, derMembers, readDerValues, type DerValue } from "./der.ts";

/** A certificate revocation list (RFC 5280 section 5). */
export interface RevocationList {
  readonly thisUpdate: Date;
  /** When a newer list was promised; undefined if never. */
  readonly nextUpdate: Date | undefined;
  /** Serial numbers as Node writes them, without leading zeros. */
  readonly serials: ReadonlySet<string>;
  /** Whether this authority has issued and signed it. */
  isSignedBy(authority: X509Certificate): boolean;
}

const LIST = /-----BEGIN X509 CRL-----([A-Za-z0-9+/=\s]+)-----END X509 CRL-----/g;

interface Algorithm {
  /** Null where the signature algorithm includes it. */
  readonly hash: string | null;
  readonly key: "rsa" | "ec" | "ed25519";
}

/** By object identifier in hexadecimal: RFC 4055, RFC 5758, RFC 8410. Nothing with SHA-1. */
const ALGORITHMS: Readonly<Record<string, Algorithm>> = {
  "2a864886f70d01010b": { hash: "sha256", key: "rsa" },
  "2a864886f70d01010c": { hash: "sha384", key: "rsa" },
  "2a864886f70d01010d": { hash: "sha512", key: "rsa" },
  "2a8648ce3d040302": { hash: "sha256", key: "ec" },
  "2a8648ce3d040303": { hash: "sha384", key: "ec" },
  "2a8648ce3d040304": { hash: "sha512", key: "ec" },
  "2b6570": { hash: null, key: "ed25519" },
};

/** The lists of a PEM text. Throws if one cannot be read, or says more than is understood here. */
export function pemRevocationLists(text: string): RevocationList[] {
  return [...text.matchAll(LIST)].map(([, base64 = ""]) =>
    parseRevocationList(Buffer.from(base64, "base64")),
  );
}

function parseRevocationList(bytes: Buffer): RevocationList {
  const [list, ...surplus] = readDerValues(bytes);
  const [signed, algorithm, bits, ...others] = derMembers(list);
  if (surplus.length + others.length > 0) throw new Error("Revocation list goes on past its end");
  const fields = derMembers(signed);
  // Version 1 has no version field.
  if (fields[0]?.tag === DER.integer) fields.shift();
  const [innerAlgorithm, issuer, thisUpdate, ...rest] = fields;
  if (signed === undefined || algorithm === undefined || issuer === undefined)
    throw new Error("Revocation list is not whole");
  const identifier = derContent(derMembers(algorithm)[0], DER.objectIdentifier).toString("hex");
  const known = Object.hasOwn(ALGORITHMS, identifier) ? ALGORITHMS[identifier] : undefined;
  const signature = derContent(bits, DER.bitString);
  if (innerAlgorithm?.whole.equals(algorithm.whole) !== true)
    throw new Error("Revocation list names two signature algorithms");
  const nextUpdate = isTime(rest[0]) ? rest.shift() : undefined;
  const revoked = rest[0]?.tag === DER.sequence ? rest.shift() : undefined;
  const extensions = rest.shift();
  if (extensions !== undefined) refuseCritical(derMembers(derMembers(extensions, 0xa0)[0]));
  if (rest.length > 0) throw new Error("Revocation list has fields that are not known");
  return {
    thisUpdate: readTime(thisUpdate),
    nextUpdate: nextUpdate === undefined ? undefined : readTime(nextUpdate),
    serials: new Set(revoked === undefined ? [] : derMembers(revoked).map(readSerial)),
    isSignedBy: (authority) =>
      subjectOf(authority).equals(issuer.whole) &&
      known !== undefined &&
      known.key === authority.publicKey.asymmetricKeyType &&
      // The first byte counts bits that are not used.
      signature[0] === 0 &&
      verify(known.hash, signed.whole, authority.publicKey, signature.subarray(1)),
  };
}

function readSerial(entry: DerValue): string {
  const [serial, , extensions] = derMembers(entry);
  if (extensions !== undefined) refuseCritical(derMembers(extensions));
  return normalSerial(derContent(serial, DER.integer).toString("hex"));
}

/** The form in which serial numbers are compared. */
export function normalSerial(hex: string): string {
  return hex.toUpperCase().replace(/^0+(?=.)/, "");
}

/** A list with a critical extension that is not understood must not be used (RFC 5280 section 5.2): it may be partial. */
function refuseCritical(extensions: readonly DerValue[]): void {
  for (const extension of extensions)
    if (derMembers(extension)[1]?.tag === DER.boolean)
      throw new Error("Revocation list has a critical extension");
}

function isTime(value: DerValue | undefined): boolean {
  return value?.tag === DER.utcTime || value?.tag === DER.generalizedTime;
}

/** RFC 5280 section 5.1.2.4: in UTC, with seconds; two digits of the year mean 1950 to 2049. */
function readTime(value: DerValue | undefined): Date {
  const text = value?.content.toString("latin1") ?? "";
  const pattern = value?.tag === DER.utcTime ? /^(\d\d)(\d{10})Z$/ : /^(\d{4})(\d{10})Z$/;
  const [, year = "", rest = ""] = (isTime(value) ? pattern.exec(text) : null) ?? [];
  const century = year.length === 4 ? "" : Number(year) < 50 ? "20" : "19";
  const [month, day, hour, minute, second] = rest.match(/\d\d/g) ?? [];
  const date = new Date(`${century}${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
  if (Number.isNaN(date.getTime())) throw new Error("Revocation list has a time that is none");
  return date;
}

/** The encoded subject of a certificate (RFC 5280 section 4.1). */
function subjectOf(certificate: X509Certificate): Buffer {
  const [whole] = readDerValues(certificate.raw);
  const fields = derMembers(derMembers(whole)[0]);
  if (fields[0]?.tag === 0xa0) fields.shift();
  const subject = fields[4];
  if (subject === undefined) throw new Error("Certificate is not whole");
  return subject.whole;
}
