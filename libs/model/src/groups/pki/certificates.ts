import { X509Certificate } from "node:crypto";
import * as z from "zod";

const DATA_MAX_LENGTH = 96 * 1024;
const BLOCK = /-----BEGIN ([A-Z0-9 ]+)-----[A-Za-z0-9+/=\s]*-----END \1-----/g;
const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

/**
 * Certificates in PEM, or the base64 text of such a PEM text, as the peer takes them. Nothing else may be in it: a private
 * key put here by mistake would be shown to every reader, and a block that is passed over would be trusted by nobody
 * without a word.
 */
export const CertificateData = z
  .string()
  .max(DATA_MAX_LENGTH, { error: `must be at most ${DATA_MAX_LENGTH} characters` })
  .refine((text) => labelsOf(text).every((label) => label === "CERTIFICATE"), {
    error: "must contain nothing but certificates",
  })
  .refine((text) => isReadable(text), {
    error: "must be one or more X.509 certificates in PEM, or the base64 text of that",
  });

/** The certificates in the order of the text. Throws if one cannot be read. */
export function certificatesIn(data: string): X509Certificate[] {
  return [...pemText(data).matchAll(BLOCK)].map(([block]) => new X509Certificate(block));
}

function pemText(data: string): string {
  const text = data.trim();
  return BASE64.test(text) ? Buffer.from(text, "base64").toString("utf8") : text;
}

function labelsOf(data: string): string[] {
  return [...pemText(data).matchAll(/-----BEGIN ([^\n]*?)-----/g)].map(([, label]) => label ?? "");
}

/** OpenSSL's reasons may quote the input, so only the verdict leaves this function. */
function isReadable(data: string): boolean {
  try {
    const count = certificatesIn(data).length;
    return count > 0 && count === labelsOf(data).length;
  } catch {
    return false;
  }
}
