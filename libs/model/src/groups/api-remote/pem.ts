import { createPrivateKey, X509Certificate } from "node:crypto";
import * as z from "zod";
import { pemRevocationLists } from "./revocation-list.ts";

const PEM_MAX_LENGTH = 64 * 1024;
/** Some thousand serial numbers; a body of the API is at most 1 MiB. */
const LISTS_MAX_LENGTH = 256 * 1024;
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

/** At least one certificate revocation list in PEM. */
export const RevocationLists = z
  .string()
  .max(LISTS_MAX_LENGTH, { error: `must be at most ${LISTS_MAX_LENGTH} characters` })
  .refine((text) => succeeds(() => pemRevocationLists(text).length > 0), {
    error: "must be one or more certificate revocation lists in PEM, without critical extensions",
  });

/** OpenSSL's reasons may quote the input, so only the verdict leaves this function. */
function succeeds(test: () => boolean): boolean {
  try {
    return test();
  } catch {
    return false;
  }
}
