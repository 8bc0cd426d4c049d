import { pemCertificates, pemRevocationLists, type Settings } from "@ballast/model";

/** From when to when a part of `api.remote` is good. */
export interface CertificateDates {
  readonly name: "server-certificate" | "ca-certificate" | "revocation-list";
  readonly fromMs: number;
  readonly untilMs: number;
}

/** Nothing while the remote API is off: then nobody relies on the certificates. */
export function certificateDates(settings: Settings["api"]["remote"]): CertificateDates[] {
  if (!settings.enabled) return [];
  const server = pemCertificates(settings["server-certificate"] ?? "").map(datesOf);
  const authorities = pemCertificates(settings["ca-certificate"] ?? "").map(datesOf);
  const lists = pemRevocationLists(settings["revocation-list"] ?? "").flatMap(
    ({ thisUpdate, nextUpdate }) =>
      nextUpdate === undefined
        ? []
        : [{ fromMs: thisUpdate.getTime(), untilMs: nextUpdate.getTime() }],
  );
  return [
    // A chain breaks with its first certificate, a set of authorities ends with its last.
    ...pick("server-certificate", server, "first"),
    ...pick("ca-certificate", authorities, "last"),
    ...pick("revocation-list", lists, "first"),
  ];
}

type Dates = Omit<CertificateDates, "name">;

function datesOf(certificate: { readonly validFromDate: Date; readonly validToDate: Date }): Dates {
  return {
    fromMs: certificate.validFromDate.getTime(),
    untilMs: certificate.validToDate.getTime(),
  };
}

function pick(
  name: CertificateDates["name"],
  dates: readonly Dates[],
  which: "first" | "last",
): CertificateDates[] {
  const sorted = dates.toSorted((left, right) => left.untilMs - right.untilMs);
  const chosen = which === "first" ? sorted[0] : sorted.at(-1);
  return chosen === undefined ? [] : [{ name, ...chosen }];
}
