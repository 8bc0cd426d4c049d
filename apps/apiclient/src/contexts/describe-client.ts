import { X509Certificate } from "node:crypto";
import { readFileSync } from "node:fs";

/** Role and end of the client certificate in a directory; why it cannot be told, if it cannot. */
export function describeClient(directory: string): string {
  try {
    const certificate = new X509Certificate(readFileSync(`${directory}/client.pem`));
    const [, role = "no role"] =
      /URI:ballast:role:(\w+)/.exec(certificate.subjectAltName ?? "") ?? [];
    const end = certificate.validToDate;
    const verb = end.getTime() < Date.now() ? "ended at" : "valid until";
    return `${role}, ${verb} ${end.toISOString().slice(0, 10)}`;
  } catch (error) {
    return `cannot be read: ${error instanceof Error ? error.message : String(error)}`;
  }
}
