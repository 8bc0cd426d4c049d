import { describe, expect, it } from "vitest";
import type { CertificateDates } from "../remote/certificate-dates.ts";
import { certificatesCheck } from "./certificates-check.ts";

const DAY_MS = 24 * 3_600_000;
const NOW_MS = Date.parse("2026-06-01T00:00:00Z");

/** Days from now. */
function dates(name: CertificateDates["name"], from: number, until: number): CertificateDates {
  return { name, fromMs: NOW_MS + from * DAY_MS, untilMs: NOW_MS + until * DAY_MS };
}

describe("certificatesCheck()", () => {
  it("says nothing when there is no remote API", () => {
    expect(certificatesCheck([], NOW_MS)).toEqual([]);
  });

  it.each([
    ["of a year with 31 days left", -334, 31, undefined],
    ["of a year with 29 days left", -336, 29, "ends on 2026-06-30T00:00:00.000Z"],
    ["of eight days with three left", -5, 3, undefined],
    ["of eight days with one left", -7, 1, "ends on 2026-06-02T00:00:00.000Z"],
  ])("looks at a certificate %s", (_name, from, until, words) => {
    const [check] = certificatesCheck([dates("server-certificate", from, until)], NOW_MS);
    expect(check?.status).toBe(words === undefined ? "ok" : "warning");
    expect(check?.reason).toBe(
      words === undefined ? undefined : `settings.api.remote.server-certificate ${words}`,
    );
  });

  it("warns of all that have ended first, then of those that will", () => {
    const [check] = certificatesCheck(
      [
        dates("server-certificate", -365, 0),
        dates("ca-certificate", -365, 1),
        dates("revocation-list", -7, -1),
      ],
      NOW_MS,
    );
    expect(check).toEqual({
      name: "certificates",
      status: "warning",
      reason:
        "settings.api.remote.server-certificate has ended on 2026-06-01T00:00:00.000Z; " +
        "settings.api.remote.revocation-list has ended on 2026-05-31T00:00:00.000Z; " +
        "settings.api.remote.ca-certificate ends on 2026-06-02T00:00:00.000Z",
    });
  });

  it("warns while the clock is before the beginning", () => {
    const [check] = certificatesCheck([dates("server-certificate", 1, 365)], NOW_MS);
    expect(check).toMatchObject({
      status: "warning",
      reason: "settings.api.remote.server-certificate is not valid before 2026-06-02T00:00:00.000Z",
    });
  });
});
