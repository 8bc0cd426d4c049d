import type { Release, Wave } from "./manifest.ts";

const SHA256 = "0123456789abcdef".repeat(4);

/** A release as the publisher writes it; what a test does not name is the same in all. */
export function release(version: string, changes: Partial<Release> = {}): Release {
  const image = (name: string) => ({
    target: `${name}-${version}.zst`,
    size_bytes: 4096,
    sha256: SHA256,
    chunks: `${name}-${version}.chunks.json`,
  });
  return {
    variant: "standalone",
    arch: "x86_64",
    version,
    published_at: "2026-01-01T00:00:00.000Z",
    max_version: "9.0.0",
    waves: [],
    root_hash: SHA256,
    selector: 1,
    images: { boot: image("boot"), root: image("root"), hash: image("hash") },
    ...changes,
  };
}

export function wave(firstSeed: number, startsAt: string, endsAt: string): Wave {
  return { first_seed: firstSeed, starts_at: startsAt, ends_at: endsAt };
}
