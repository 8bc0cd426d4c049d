import type { X509Certificate } from "node:crypto";
import { Role } from "@ballast/model";
import { ApiError } from "../api-error.ts";

const CLIENT_AUTH = "1.3.6.1.5.5.7.3.2";
const ROLE_PREFIX = "ballast:role:";

/**
 * The role that a client certificate gives. OpenSSL has checked its chain at the handshake; a connection outlives
 * that check, so the dates are looked at again at each request; lists of revoked certificates are looked at here alone.
 */
export function peerRole(
  certificate: X509Certificate | undefined,
  isRevoked: (certificate: X509Certificate) => boolean,
  nowMs: number,
): Role {
  if (certificate === undefined) throw refused("no client certificate was shown");
  if (isRevoked(certificate)) throw refused("it is revoked");
  if (nowMs < certificate.validFromDate.getTime()) throw refused("it is not valid yet");
  if (nowMs > certificate.validToDate.getTime()) throw refused("it has expired");
  if (certificate.ca) throw refused("it belongs to a certification authority");
  if (!extendedKeyUsage(certificate).includes(CLIENT_AUTH))
    throw refused("it lacks the extended key usage clientAuth");
  const uris = subjectAlternativeUris(certificate.subjectAltName ?? "");
  const [uri] = uris;
  if (uris.length !== 1 || uri === undefined)
    throw refused(`it must have exactly one URI as subject alternative name, has ${uris.length}`);
  const role = Role.safeParse(uri.startsWith(ROLE_PREFIX) ? uri.slice(ROLE_PREFIX.length) : "");
  if (!role.success) throw refused(`its URI must be ${ROLE_PREFIX}${Role.options.join("|")}`);
  return role.data;
}

/** Node names the list of extended usages `keyUsage`. */
function extendedKeyUsage(certificate: X509Certificate): readonly string[] {
  return certificate.keyUsage ?? [];
}

/**
 * Node joins the names by ", " and writes a name that holds anything ambiguous as a JSON string, so splitting at
 * commas alone would let a DNS name forge a URI.
 */
export function subjectAlternativeUris(names: string): string[] {
  const entry = /(?:^|, )([A-Za-z ]+):("(?:[^"\\]|\\.)*"|[^,"]*)(?=, |$)/y;
  const uris: string[] = [];
  for (let at = 0; at < names.length; at = entry.lastIndex) {
    entry.lastIndex = at;
    const match = entry.exec(names);
    if (match === null) throw refused("its subject alternative names cannot be read");
    const [, kind, value = ""] = match;
    if (kind === "URI") uris.push(value.startsWith('"') ? String(JSON.parse(value)) : value);
  }
  return uris;
}

function refused(reason: string): ApiError {
  return new ApiError("apiserver.forbidden", `The client certificate gives no role: ${reason}`);
}
