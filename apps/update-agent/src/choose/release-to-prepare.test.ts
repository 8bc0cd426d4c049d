import type { Manifest, Release } from "@ballast/updates";
import { describe, expect, it } from "vitest";
import { NO_STATE, type State } from "../state/state.ts";
import { releaseToPrepare } from "./release-to-prepare.ts";

const EPOCH = Temporal.Instant.from("1970-01-01T00:00:00Z");

const NOW_MS = Date.parse("2026-06-01T00:00:00Z");
const image = { target: "a", size_bytes: 1, sha256: "0".repeat(64), chunks: "b" };

function release(version: string, changes: Partial<Release> = {}): Release {
  return {
    ...{ variant: "standalone", arch: "x86_64", version, max_version: "9.0.0", selector: 1 },
    ...{ published_at: "2026-01-01T00:00:00Z", waves: [], root_hash: "0".repeat(64) },
    images: { boot: image, root: image, hash: image },
    ...changes,
  };
}

function prepare(
  releases: readonly Release[],
  state: Partial<State>,
  request: Parameters<typeof releaseToPrepare>[2] = {},
): string {
  const manifest: Manifest = { schema: 1, releases: [...releases] };
  const circumstances = {
    running: {
      image: { variant: "standalone", arch: "x86_64", version: "1.0.0" },
      bootId: "x",
      builtAfter: EPOCH,
    },
    state: { ...NO_STATE, ...state },
    config: { seed: null, version_lock: "latest", ignore_waves: false },
    selector: 3,
    nowMs: NOW_MS,
  };
  return releaseToPrepare(manifest, circumstances, request).version;
}

function chosen(version: string | null, ignoreWaves = false): Partial<State> {
  const how = { by_version: "1.0.0", ignore_waves: ignoreWaves, pull_back: false, releases: [] };
  return { checked: { at: "t", chosen: version, ...how } };
}

const LATER = [
  { first_seed: 0, starts_at: "2026-07-01T00:00:00Z", ends_at: "2026-07-02T00:00:00Z" },
];
const FAILED = {
  failed: [{ version: "1.1.0", root_hash: "0".repeat(64), at: "t", reason: "r" }],
};

describe("releaseToPrepare()", () => {
  it("is what was chosen, also when a newer one has come since", () => {
    expect(prepare([release("1.1.0"), release("1.2.0")], chosen("1.1.0"))).toBe("1.1.0");
  });

  it("is what is asked for, whatever was chosen, an older one too", () => {
    const all = [release("0.9.0"), release("1.1.0")];
    expect(prepare(all, chosen("1.1.0"), { version: "0.9.0" })).toBe("0.9.0");
    expect(prepare(all, {}, { version: "1.1.0" })).toBe("1.1.0");
  });

  it("takes what was chosen without regard to its waves in the same way, and nothing else", () => {
    const all = [release("1.1.0", { waves: LATER }), release("1.2.0", { waves: LATER })];
    expect(prepare(all, chosen("1.1.0", true))).toBe("1.1.0");
    expect(() => prepare(all, chosen("1.1.0"))).toThrow("turn is at 2026-07-02");
    expect(() => prepare(all, chosen("1.1.0", true), { version: "1.2.0" })).toThrow("turn is at");
    expect(prepare(all, {}, { version: "1.2.0", ignore_waves: true })).toBe("1.2.0");
  });

  it("takes what failed here only by force", () => {
    const all = [release("1.1.0")];
    expect(() => prepare(all, FAILED, { version: "1.1.0" })).toThrow("it failed on this machine");
    expect(prepare(all, FAILED, { version: "1.1.0", force: true })).toBe("1.1.0");
  });

  it("is the newest of a bundle that fits, and not what a repository had", () => {
    const all = [release("1.1.0"), release("1.2.0"), release("1.3.0", { selector: 4 })];
    expect(prepare(all, chosen("1.1.0"), { bundle: true })).toBe("1.2.0");
    expect(prepare(all, {}, { bundle: true, version: "1.1.0" })).toBe("1.1.0");
    expect(() => prepare([], {}, { bundle: true })).toThrow("there is no such release");
  });

  it.each([{}, chosen(null)])("is nothing when nothing was chosen", (state) => {
    expect(() => prepare([release("1.1.0")], state)).toThrow("no update is chosen");
  });

  it.each([
    [[], "no such release"],
    [[release("1.1.0", { max_version: "1.0.0" })], "it was withdrawn, the newest allowed is 1.0.0"],
    [[release("1.1.0", { arch: "aarch64" })], "no such release"],
    [[release("1.1.0", { selector: 4 })], "slot selector of version 4"],
  ])("refuses what the repository does not offer any more", (all, reason) => {
    expect(() => prepare(all, chosen("1.1.0"))).toThrow(reason);
  });
});
