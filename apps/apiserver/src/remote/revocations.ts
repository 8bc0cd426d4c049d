import type { X509Certificate } from "node:crypto";
import { normalSerial, pemCertificates, pemRevocationLists, type Settings } from "@ballast/model";

type RemoteSettings = Settings["api"]["remote"];

/** Longer chains do not pass the handshake. */
const CHAIN_MAX_LENGTH = 10;

/**
 * Whether a client's certificate, or one between it and the authority, is on a list of its issuer. A list whose time is
 * over still counts: what was revoked stays revoked, and nobody is locked out because a newer list is late.
 */
export function revocationCheck(
  settings: Pick<RemoteSettings, "ca-certificate" | "revocation-list">,
): (certificate: X509Certificate) => boolean {
  const authorities = pemCertificates(settings["ca-certificate"] ?? "");
  const lists = pemRevocationLists(settings["revocation-list"] ?? "").flatMap((list) =>
    authorities
      .filter((authority) => list.isSignedBy(authority))
      .map((authority) => ({ authority, serials: list.serials })),
  );
  const isListed = (certificate: X509Certificate): boolean => {
    const serial = normalSerial(certificate.serialNumber);
    return lists.some(
      ({ authority, serials }) =>
        serials.has(serial) &&
        certificate.checkIssued(authority) &&
        certificate.verify(authority.publicKey),
    );
  };
  return (certificate) => lists.length > 0 && chainOf(certificate).some(isListed);
}

function chainOf(certificate: X509Certificate): X509Certificate[] {
  const chain = [certificate];
  for (
    let next = certificate.issuerCertificate;
    next !== undefined && chain.length < CHAIN_MAX_LENGTH;
    next = next.issuerCertificate
  )
    chain.push(next);
  return chain;
}
