// First: the library looks for it while it loads. It has no exports.
// oxlint-disable-next-line import/no-unassigned-import
import "reflect-metadata";
import { randomBytes, webcrypto } from "node:crypto";
import * as x509 from "@peculiar/x509";

/** What every firmware can verify. */
const ALGORITHM = {
  name: "RSASSA-PKCS1-v1_5",
  hash: "SHA-256",
  modulusLength: 2048,
  publicExponent: new Uint8Array([1, 0, 1]),
} as const;

/** Signatures are dated by the package lock and not by the clock, so the certificate must not be younger. */
const NOT_BEFORE = new Date("2020-01-01T00:00:00Z");
/** Firmware looks at no dates; this one is for people. */
const NOT_AFTER = new Date("2049-12-31T00:00:00Z");

export interface KeyPair {
  /** PEM. */
  readonly certificate: string;
  /** PEM, PKCS #8, without a pass phrase. */
  readonly key: string;
}

/** A self-signed certificate and its key. `set` tells sets of keys apart in a firmware's menu. */
export async function makeKeyPair(name: string, set: string): Promise<KeyPair> {
  x509.cryptoProvider.set(webcrypto);
  const keys = await webcrypto.subtle.generateKey(ALGORITHM, true, ["sign", "verify"]);
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    name: `CN=Ballast ${name} ${set}`,
    // Positive, and without a zero in front.
    serialNumber: `4${randomBytes(16).toString("hex").slice(1)}`,
    notBefore: NOT_BEFORE,
    notAfter: NOT_AFTER,
    keys,
    signingAlgorithm: ALGORITHM,
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  const key = await webcrypto.subtle.exportKey("pkcs8", keys.privateKey);
  return {
    certificate: `${certificate.toString("pem")}\n`,
    key: `${x509.PemConverter.encode(key, "PRIVATE KEY")}\n`,
  };
}
