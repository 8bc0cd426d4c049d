import { createMemoryFs } from "@ballast/system";
import { describe, expect, it } from "vitest";
import { PATHS } from "../paths.ts";
import { createInhibitors } from "./inhibitors.ts";

const HOUR_MS = 3_600_000;

function bench() {
  const fs = createMemoryFs();
  const time = { upMs: HOUR_MS, now: "2026-06-01T12:00:00Z" };
  const clock = { now: () => Temporal.Instant.from(time.now) };
  return { fs, time, inhibitors: createInhibitors(fs, clock, () => time.upMs) };
}

describe("inhibitors", () => {
  it("last for their time, whatever becomes of the clock", async () => {
    const { inhibitors, time } = bench();
    await inhibitors.put("backup", { why: "a backup runs", for_minutes: 30 });
    await inhibitors.put("a", { why: "x", for_minutes: 10 });
    expect(await inhibitors.list()).toEqual([
      { who: "a", why: "x", until: "2026-06-01T12:10:00Z" },
      { who: "backup", why: "a backup runs", until: "2026-06-01T12:30:00Z" },
    ]);
    time.now = "1970-01-01T00:00:00Z";
    time.upMs += 20 * 60_000;
    expect(await inhibitors.list()).toEqual([
      { who: "backup", why: "a backup runs", until: "1970-01-01T00:10:00Z" },
    ]);
    time.upMs += 10 * 60_000;
    expect(await inhibitors.list()).toEqual([]);
  });

  it("of one name are one: the last time counts, shorter or longer", async () => {
    const { inhibitors } = bench();
    for (const for_minutes of [60, 5]) await inhibitors.put("backup", { why: "x", for_minutes });
    expect(await inhibitors.list()).toMatchObject([{ until: "2026-06-01T12:05:00Z" }]);
    await inhibitors.release("backup");
    await inhibitors.release("backup");
    expect(await inhibitors.list()).toEqual([]);
  });

  it("are at most 64; one that is there can still be made longer", async () => {
    const { inhibitors, time } = bench();
    for (let index = 0; index < 64; index += 1)
      await inhibitors.put(`n${index}`, { why: "x", for_minutes: 1 });
    await expect(inhibitors.put("more", { why: "x", for_minutes: 1 })).rejects.toMatchObject({
      code: "apiserver.too-many-inhibitors",
    });
    await inhibitors.put("n7", { why: "x", for_minutes: 90 });
    time.upMs += 60_000;
    await inhibitors.put("more", { why: "x", for_minutes: 1 });
    expect((await inhibitors.list()).map(({ who }) => who)).toEqual(["more", "n7"]);
  });

  it("files that mean nothing hold off nothing", async () => {
    const { inhibitors, fs } = bench();
    for (const [name, text] of [
      ["broken.json", "{"],
      ["old.json", '{"why":"x"}'],
      ["B..json", '{"why":"x","ends_at_ms":9e12}'],
      ["part", ""],
    ] as const)
      await fs.writeDurable(`${PATHS.inhibitors}/${name}`, text, 0o600);
    expect(await inhibitors.list()).toEqual([]);
  });
});
