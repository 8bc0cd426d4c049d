import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { chooseUpdate, type Machine, type Wish } from "./choose-update.ts";
import type { Manifest, Release } from "./manifest.ts";
import { release, wave } from "./release.fixture.ts";
import { compareVersions } from "./version.ts";

const NOW_MS = Date.parse("2026-06-01T00:00:00Z");
const LATER = wave(0, "2026-06-02T00:00:00Z", "2026-06-03T00:00:00Z");

function choose(
  releases: readonly Release[],
  machine: Partial<Machine> = {},
  wish: Partial<Wish> = {},
) {
  const manifest: Manifest = { schema: 1, releases: [...releases] };
  return chooseUpdate(
    manifest,
    {
      ...{ variant: "standalone", arch: "x86_64", version: "1.0.0", seed: 0, selector: 3 },
      failed: new Set(),
      ...machine,
    },
    { version: "latest", ignoreWaves: false, force: false, nowMs: NOW_MS, ...wish },
  );
}

function obstacles(choice: ReturnType<typeof choose>): Record<string, string | undefined> {
  return Object.fromEntries(
    choice.judged.map(({ release: one, obstacle }) => [one.version, obstacle?.kind]),
  );
}

describe("chooseUpdate()", () => {
  it("takes the newest of its own variant and architecture", () => {
    const releases = [
      release("1.1.0"),
      release("1.10.0"),
      release("1.9.0"),
      release("2.0.0", { variant: "k8s" }),
      release("3.0.0", { arch: "aarch64" }),
      release("1.0.0"),
      release("0.9.0"),
    ];
    const choice = choose(releases);
    expect(choice.release?.version).toBe("1.10.0");
    expect(choice.judged.map((judged) => judged.release.version)).toEqual([
      ...["1.10.0", "1.9.0", "1.1.0", "1.0.0", "0.9.0"],
    ]);
    expect(obstacles(choice)).toMatchObject({ "1.0.0": "current", "0.9.0": "older" });
  });

  it("takes nothing when there is nothing newer", () => {
    expect(choose([]).release).toBe(undefined);
    expect(choose([release("1.0.0"), release("0.1.0")])).toMatchObject({
      release: undefined,
      isPullBack: false,
    });
  });

  it("waits for its turn, and takes meanwhile what is open to all", () => {
    const releases = [release("1.2.0", { waves: [LATER] }), release("1.1.0")];
    const choice = choose(releases);
    expect(choice.release?.version).toBe("1.1.0");
    expect(choice.judged[0]?.obstacle).toEqual({
      kind: "wave",
      readyAtMs: Date.parse(LATER.starts_at),
    });
    expect(choose(releases, {}, { ignoreWaves: true }).release?.version).toBe("1.2.0");
    expect(choose(releases, {}, { nowMs: Date.parse(LATER.starts_at) }).release?.version).toBe(
      "1.2.0",
    );
  });

  it("does not take again what failed here, until somebody insists or a newer one comes", () => {
    const failed = new Set(["1.1.0"]);
    expect(choose([release("1.1.0")], { failed }).release).toBe(undefined);
    expect(choose([release("1.1.0")], { failed }, { force: true }).release?.version).toBe("1.1.0");
    expect(choose([release("1.1.0"), release("1.1.1")], { failed }).release?.version).toBe("1.1.1");
  });

  it("takes exactly the version that it is locked to, an older one too", () => {
    const releases = [release("1.2.0"), release("1.1.0"), release("0.9.0")];
    expect(choose(releases, {}, { version: "1.1.0" }).release?.version).toBe("1.1.0");
    expect(choose(releases, {}, { version: "0.9.0" })).toMatchObject({
      release: { version: "0.9.0" },
      isPullBack: false,
    });
    expect(choose(releases, {}, { version: "1.5.0" }).release).toBe(undefined);
    expect(choose(releases, { version: "1.1.0" }, { version: "1.1.0" }).release).toBe(undefined);
  });

  it("goes back when what runs was withdrawn", () => {
    const max = { max_version: "1.1.0" };
    const releases = [release("1.2.0", max), release("1.1.0", max), release("1.0.0", max)];
    expect(choose(releases, { version: "1.2.0" })).toMatchObject({
      release: { version: "1.1.0" },
      isPullBack: true,
    });
    expect(obstacles(choose(releases))).toMatchObject({ "1.2.0": "withdrawn" });
    expect(choose(releases).release?.version).toBe("1.1.0");
    // A lock holds, but never to what was withdrawn.
    expect(choose(releases, {}, { version: "1.2.0" }).release).toBe(undefined);
  });

  it("does not take what the selector of the machine cannot start", () => {
    const choice = choose([release("1.2.0", { selector: 4 }), release("1.1.0", { selector: 3 })]);
    expect(choice.release?.version).toBe("1.1.0");
    expect(choice.judged[0]?.obstacle).toEqual({ kind: "selector", needs: 4 });
  });

  it("never goes back but for a lock or a withdrawal, never stays on the same, whatever is published", () => {
    const version = fc
      .tuple(fc.nat(3), fc.nat(3), fc.nat(3))
      .map(([major, minor, patch]) => `${major}.${minor}.${patch}`);
    const releases = fc.uniqueArray(
      fc.record({
        version,
        max: version,
        hasWaves: fc.boolean(),
        selector: fc.integer({ min: 1, max: 5 }),
      }),
      { selector: (one) => one.version, maxLength: 8 },
    );
    fc.assert(
      fc.property(releases, version, fc.boolean(), (published, current, ignoreWaves) => {
        const choice = choose(
          published.map(({ version: one, max, hasWaves, selector }) =>
            release(one, { max_version: max, selector, waves: hasWaves ? [LATER] : [] }),
          ),
          { version: current },
          { ignoreWaves },
        );
        if (choice.release === undefined) return;
        const { version: chosen, max_version: max } = choice.release;
        expect(compareVersions(chosen, max)).toBeLessThanOrEqual(0);
        expect(compareVersions(chosen, current)).not.toBe(0);
        expect(choice.isPullBack).toBe(compareVersions(chosen, current) < 0);
        expect(ignoreWaves || choice.release.waves.length === 0).toBe(true);
      }),
    );
  });
});
