import { effectiveSettings, nestSettings, type Health, type SlotFailure } from "@ballast/model";
import { describe, expect, it } from "vitest";
import { statusBlock, type StatusFacts } from "./status-block.ts";

const HEALTHY: Health = { status: "healthy", checks: [{ name: "units", status: "ok" }] };

function facts(
  changes: Partial<StatusFacts> = {},
  stored: readonly (readonly [string, unknown])[] = [],
): StatusFacts {
  return {
    os: {
      pretty_name: "Ballast",
      variant_id: "standalone",
      version_id: "1.2.3",
      build_id: "abc",
      arch: "x86_64",
      slot: "A",
      root_hash: null,
    },
    settings: nestSettings(effectiveSettings(new Map(stored))),
    addresses: ["10.0.2.15", "fd00::1"],
    health: HEALTHY,
    userDataError: null,
    isTrial: false,
    failure: null,
    ...changes,
  };
}

describe("statusBlock()", () => {
  it("shows who the machine is and that it is well", () => {
    expect(statusBlock(facts())).toBe(`
Ballast 1.2.3 standalone (build abc)
  slot      A
  address   10.0.2.15, fd00::1
  hostname  ballast
  api       local socket only
  motd      Welcome to Ballast
Ballast: healthy
`);
  });

  it("says on a line of its own that settings are volatile", () => {
    const state = (status: "ok" | "failed"): string[] =>
      statusBlock(
        facts({
          health: {
            status: "degraded",
            checks: [{ name: "state", status, reason: "settings are volatile: no\u001bmount" }],
          },
        }),
      ).split("\n");
    expect(state("failed").slice(-3)).toEqual([
      "Ballast: settings are volatile: no mount",
      "Ballast: degraded",
      "",
    ]);
    expect(state("ok").join()).not.toContain("volatile");
  });

  it("shows what failed", () => {
    const health: Health = {
      status: "degraded",
      checks: [
        { name: "certificates", status: "warning", reason: "ends" },
        { name: "units", status: "failed", reason: "failed: x" },
      ],
    };
    const lines = statusBlock(facts({ health })).split("\n");
    expect(lines).toContain("  failed    units: failed: x");
    expect(lines).toContain("  warning   certificates: ends");
    expect(lines).toContain("Ballast: degraded");
  });

  it("shows that the slot is on trial, for how long, and that the other one has failed", () => {
    const failure: SlotFailure = {
      slot: "B",
      root_hash: "0".repeat(64),
      at: "2026-01-01T00:00:00Z",
      reason: "Its kernel stopped: \u001b[2J",
      unmet: [],
      kernel_log: "secret lines",
    };
    const text = statusBlock(facts({ isTrial: true, failure }, [["boot.trial-limit", 90]]));
    expect(text.split("\n")).toEqual(
      expect.arrayContaining([
        "  trial     healthy within 90 s of power-on, or the other slot boots",
        "  slot B    failed: Its kernel stopped:  [2J",
      ]),
    );
    expect(text).not.toContain("secret lines");
  });

  it("puts refused user data on a line of its own and lets nothing steer the terminal", () => {
    const userDataError = "User data is bad: \u001b[2J\nBallast: healthy";
    const lines = statusBlock(facts({ userDataError })).split("\n");
    expect(lines).toContain("Ballast: user data refused: User data is bad:  [2J Ballast: healthy");
    expect(lines).not.toContain("Ballast: healthy");
  });

  it("lets a motd not pass for a verdict", () => {
    const text = statusBlock(facts({}, [["motd", "a\nBallast: degraded"]]));
    expect(text.split("\n").filter((line) => line.startsWith("Ballast:"))).toEqual([
      "Ballast: healthy",
    ]);
  });
});
