import { describe, expect, it } from "vitest";
import { parseManifest, targetsOf, writeManifest } from "./manifest.ts";
import { release, wave } from "./release.fixture.ts";

const manifest = { schema: 1 as const, releases: [release("1.2.0"), release("1.10.0-rc.1")] };

function refusal(change: (one: Record<string, unknown>) => void): string {
  const one = structuredClone<Record<string, unknown>>({ ...release("1.0.0") });
  change(one);
  try {
    parseManifest(JSON.stringify({ schema: 1, releases: [one] }));
  } catch (error) {
    return String(error);
  }
  return "taken";
}

describe("parseManifest()", () => {
  it("reads what was written", () => {
    expect(parseManifest(writeManifest(manifest))).toEqual(manifest);
    expect(parseManifest('{"schema":1,"releases":[]}').releases).toEqual([]);
  });

  it("knows what else belongs to a release, and all of its targets", () => {
    const more = { sbom: "sbom.json", archives: ["admin.oci.tar"] };
    const [read] = parseManifest(
      writeManifest({ schema: 1, releases: [release("1.0.0", more)] }),
    ).releases;
    expect(read).toMatchObject(more);
    expect(targetsOf(release("1.0.0", more))).toEqual([
      ...["boot-1.0.0.chunks.json", "root-1.0.0.chunks.json", "hash-1.0.0.chunks.json"],
      ...["boot-1.0.0.zst", "root-1.0.0.zst", "hash-1.0.0.zst", "sbom.json", "admin.oci.tar"],
    ]);
    expect(targetsOf(release("1.0.0"))).toHaveLength(6);
    expect(refusal((one) => Object.assign(one, { sbom: "../sbom" }))).toMatch(/sbom/);
    expect(refusal((one) => Object.assign(one, { archives: ["a/b"] }))).toMatch(/archives/);
    expect(refusal((one) => Object.assign(one, { archives: Array(65).fill("a") }))).toMatch(
      /archives/,
    );
  });

  it.each([
    ["", /it is no JSON/],
    ["[]", /expected object/],
    ["null", /expected object/],
    ['{"schema":2,"releases":[],"later":1}', /form 2, this program knows 1/],
    ['{"schema":1}', /releases/],
    ['{"schema":1,"releases":[],"more":1}', /more/],
    [JSON.stringify({ schema: 1, releases: [release("1.0.0"), release("1.0.0")] }), /twice/],
  ])("refuses %s", (text, reason) => {
    expect(() => parseManifest(text)).toThrow(reason);
  });

  it.each<[string, (one: Record<string, unknown>) => void]>([
    ["a version that is none", (one) => (one["version"] = "v1.0.0")],
    ["a maximum that is none", (one) => (one["max_version"] = "latest")],
    ["a variant with a path", (one) => (one["variant"] = "../x")],
    ["a time without zone", (one) => (one["published_at"] = "2026-01-01T00:00:00")],
    ["a short hash", (one) => (one["root_hash"] = "00")],
    [
      "a target elsewhere",
      (one) =>
        (one["images"] = {
          ...release("1.0.0").images,
          root: { ...release("1.0.0").images.root, target: "../x" },
        }),
    ],
    [
      "an image of no size",
      (one) =>
        (one["images"] = {
          ...release("1.0.0").images,
          root: { ...release("1.0.0").images.root, size_bytes: 0 },
        }),
    ],
    [
      "waves that leave out seeds",
      (one) => (one["waves"] = [wave(1, "2026-01-01T00:00:00Z", "2026-01-02T00:00:00Z")]),
    ],
    [
      "waves of falling seeds",
      (one) =>
        (one["waves"] = [0, 5, 4].map((seed) =>
          wave(seed, "2026-01-01T00:00:00Z", "2026-01-02T00:00:00Z"),
        )),
    ],
    [
      "a wave that ends first",
      (one) => (one["waves"] = [wave(0, "2026-01-02T00:00:00Z", "2026-01-01T00:00:00Z")]),
    ],
    ["more than there is room for", (one) => (one["extra"] = true)],
  ])("refuses %s", (_what, change) => {
    expect(refusal(change)).toMatch(/Cannot read the manifest: releases\.0/);
  });

  it("does not end with the time written in another way", () => {
    expect(
      refusal(
        (one) => (one["waves"] = [wave(0, "2026-01-01T00:00:00Z", "2026-01-01T00:00:00.000Z")]),
      ),
    ).toBe("taken");
  });
});
