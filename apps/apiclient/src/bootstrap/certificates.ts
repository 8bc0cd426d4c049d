// First: the library looks for it while it loads. It has no exports.
// oxlint-disable-next-line import/no-unassigned-import
import "reflect-metadata";
import { randomBytes, webcrypto } from "node:crypto";
import { isIP } from "node:net";
import * as x509 from "@peculiar/x509";

export interface Identity {
  /** PEM. */
  readonly certificate: string;
  /** PEM, PKCS #8, without a pass phrase. */
  readonly key: string;
}

export interface Certificates {
  readonly ca: Identity;
  readonly server: Identity;
  readonly client: Identity;
  /** When server and client certificates end. */
  readonly expires: Date;
}

export interface CertificateRequest {
  /** DNS names and IP addresses of the server. */
  readonly names: readonly string[];
  readonly role: string;
  readonly days: number;
  readonly nowMs: number;
}

export const KEYS = { name: "ECDSA", namedCurve: "P-256" } as const;
const SIGNING = { name: "ECDSA", hash: "SHA-256" } as const;
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** Longer than what it signs, so that certificates can be renewed without a new CA. */
const CA_MIN_DAYS = 3650;

export interface Issuer {
  readonly subject: string;
  readonly keys: webcrypto.CryptoKeyPair;
}

interface Leaf {
  readonly subject: string;
  readonly usage: x509.ExtendedKeyUsage;
  readonly names: x509.JsonGeneralNames;
}

/** A CA of its own with one server and one client certificate (RFC 5280 profile; ECDSA P-256). */
export async function makeCertificates(request: CertificateRequest): Promise<Certificates> {
  x509.cryptoProvider.set(webcrypto);
  const notBefore = new Date(request.nowMs - HOUR_MS);
  const expires = new Date(request.nowMs + request.days * DAY_MS);
  const caEnd = new Date(request.nowMs + Math.max(CA_MIN_DAYS, request.days) * DAY_MS);
  // A name of its own for each CA, so that chains of several machines cannot be mixed up.
  const issuer: Issuer = {
    subject: `CN=Ballast API CA ${randomBytes(4).toString("hex")}`,
    keys: await newKeys(),
  };
  const ca = await issueCa(issuer, notBefore, caEnd);
  const dates = { notBefore, notAfter: expires };
  const server = await issueLeaf(issuer, dates, {
    subject: "CN=Ballast API",
    usage: x509.ExtendedKeyUsage.serverAuth,
    names: request.names.map((value) => ({ type: isIP(value) === 0 ? "dns" : "ip", value })),
  });
  const client = await issueLeaf(issuer, dates, {
    subject: `CN=Ballast ${request.role}`,
    usage: x509.ExtendedKeyUsage.clientAuth,
    names: [{ type: "url", value: `ballast:role:${request.role}` }],
  });
  return { ca, server, client, expires };
}

async function issueCa(issuer: Issuer, notBefore: Date, notAfter: Date): Promise<Identity> {
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    name: issuer.subject,
    serialNumber: newSerial(),
    notBefore,
    notAfter,
    keys: issuer.keys,
    signingAlgorithm: SIGNING,
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(
        x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign,
        true,
      ),
      await x509.SubjectKeyIdentifierExtension.create(issuer.keys.publicKey),
      await x509.AuthorityKeyIdentifierExtension.create(issuer.keys.publicKey),
    ],
  });
  return identity(certificate, issuer.keys);
}

export async function issueLeaf(
  issuer: Issuer,
  dates: { readonly notBefore: Date; readonly notAfter: Date },
  { subject, usage, names }: Leaf,
): Promise<Identity> {
  const keys = await newKeys();
  const certificate = await x509.X509CertificateGenerator.create({
    subject,
    issuer: issuer.subject,
    serialNumber: newSerial(),
    ...dates,
    publicKey: keys.publicKey,
    signingKey: issuer.keys.privateKey,
    signingAlgorithm: SIGNING,
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      new x509.ExtendedKeyUsageExtension([usage], false),
      new x509.SubjectAlternativeNameExtension(names, false),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
      await x509.AuthorityKeyIdentifierExtension.create(issuer.keys.publicKey),
    ],
  });
  return identity(certificate, keys);
}

async function newKeys(): Promise<webcrypto.CryptoKeyPair> {
  return webcrypto.subtle.generateKey(KEYS, true, ["sign", "verify"]);
}

/** 16 random bytes, positive and without leading zeros, as RFC 5280, 4.1.2.2 wants it. */
function newSerial(): string {
  const bytes = randomBytes(16);
  bytes[0] = ((bytes[0] ?? 0) & 0x3f) | 0x40;
  return bytes.toString("hex");
}

async function identity(
  certificate: x509.X509Certificate,
  keys: webcrypto.CryptoKeyPair,
): Promise<Identity> {
  const pkcs8 = await webcrypto.subtle.exportKey("pkcs8", keys.privateKey);
  return {
    certificate: `${certificate.toString("pem")}\n`,
    key: `${x509.PemConverter.encode(pkcs8, "PRIVATE KEY")}\n`,
  };
}
