import { createPrivateKey, X509Certificate } from "node:crypto";
import * as z from "zod";

const PEM_MAX_LENGTH = 64 * 1024;
const CERTIFICATE = /-----BEGIN CERTIFICATE-----[A-Za-z0-9+/=\s]+-----END CERTIFICATE-----/g;

/** The certificates of a PEM bundle, leaf first; text around the blocks is allowed, as RFC 7468 section 2 has it. */
export function pemCertificates(text: string): X509Certificate[] {
  return [...text.matchAll(CERTIFICATE)].map(([block]) => new X509Certificate(block));
}

/** At least one X.509 certificate in PEM. */
export const CertificateBundle = z
  .string()
  .max(PEM_MAX_LENGTH, { error: `must be at most ${PEM_MAX_LENGTH} characters` })
  .refine((text) => succeeds(() => pemCertificates(text).length > 0), {
    error: "must be one or more X.509 certificates in PEM",
  });

/** One private key in PEM without a pass phrase. */
export const PrivateKey = z
  .string()
  .max(PEM_MAX_LENGTH, { error: `must be at most ${PEM_MAX_LENGTH} characters` })
  .refine((text) => succeeds(() => createPrivateKey(text).type === "private"), {
    error: "must be a private key in PEM without a pass phrase",
  });

/** OpenSSL's reasons may quote the input, so only the verdict leaves this function. */
function succeeds(test: () => boolean): boolean {
  try {
    return test();
  } catch {
    return false;
  }
}
