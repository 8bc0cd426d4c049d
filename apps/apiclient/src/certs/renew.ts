// First: the library looks for it while it loads. It has no exports.
// oxlint-disable-next-line import/no-unassigned-import
import "reflect-metadata";
import { createPrivateKey, webcrypto, X509Certificate } from "node:crypto";
import * as x509 from "@peculiar/x509";
import { ApiclientError } from "../apiclient-error.ts";
import { issueLeaf, KEYS, type Identity, type Issuer } from "../bootstrap/certificates.ts";

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

export interface Former {
  readonly ca: Identity;
  /** PEM. */
  readonly server: string;
  readonly client: string;
}

export interface Renewed {
  readonly server: Identity;
  readonly client: Identity;
  readonly expires: Date;
}

/** New keys and certificates of the same authority, for the same subjects and names as the former ones. */
export async function renewCertificates(
  former: Former,
  days: number,
  nowMs: number,
): Promise<Renewed> {
  x509.cryptoProvider.set(webcrypto);
  const ca = new x509.X509Certificate(former.ca.certificate);
  const issuer: Issuer = { subject: ca.subject, keys: await authorityKeys(ca, former.ca.key) };
  if (ca.notAfter.getTime() <= nowMs)
    throw badCredentials("the CA itself has ended; make new credentials with apiclient bootstrap");
  // What outlives its authority is believed by nobody.
  const expires = new Date(Math.min(nowMs + days * DAY_MS, ca.notAfter.getTime()));
  const dates = { notBefore: new Date(nowMs - HOUR_MS), notAfter: expires };
  const renew = (pem: string, usage: x509.ExtendedKeyUsage): Promise<Identity> => {
    const certificate = new x509.X509Certificate(pem);
    const names = certificate.getExtension(x509.SubjectAlternativeNameExtension)?.names.toJSON();
    if (names === undefined) throw badCredentials("a certificate has no names to be renewed for");
    return issueLeaf(issuer, dates, { subject: certificate.subject, usage, names });
  };
  return {
    server: await renew(former.server, x509.ExtendedKeyUsage.serverAuth),
    client: await renew(former.client, x509.ExtendedKeyUsage.clientAuth),
    expires,
  };
}

async function authorityKeys(
  ca: x509.X509Certificate,
  keyPem: string,
): Promise<webcrypto.CryptoKeyPair> {
  try {
    if (!new X509Certificate(Buffer.from(ca.rawData)).checkPrivateKey(createPrivateKey(keyPem)))
      throw new Error("The key is of another certificate");
    const [pkcs8 = new ArrayBuffer(0)] = x509.PemConverter.decode(keyPem);
    const privateKey = await webcrypto.subtle.importKey("pkcs8", pkcs8, KEYS, true, ["sign"]);
    const publicKey = await webcrypto.subtle.importKey("spki", ca.publicKey.rawData, KEYS, true, [
      "verify",
    ]);
    return { privateKey, publicKey };
  } catch {
    // Not the cause: it might quote the key.
    throw badCredentials("ca.pem and ca.key must be those that apiclient bootstrap made");
  }
}

function badCredentials(reason: string): ApiclientError {
  return new ApiclientError("apiclient.bad-credentials", `Cannot renew certificates: ${reason}`);
}
