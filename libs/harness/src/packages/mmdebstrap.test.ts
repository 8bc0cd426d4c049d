import { chmod, mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { describe, expect, it } from "vitest";
import {
  addSubordinateIdsCommand,
  parseSubordinateIds,
  quote,
  targetFolder,
} from "./mmdebstrap.ts";

describe("parseSubordinateIds()", () => {
  it("reads ranges and skips comments and empty lines", () => {
    expect(parseSubordinateIds("# ids\n\nann:100000:65536\nbob:165536:65536\n")).toEqual([
      { owner: "ann", first: 100_000, count: 65_536 },
      { owner: "bob", first: 165_536, count: 65_536 },
    ]);
  });
});

describe("addSubordinateIdsCommand()", () => {
  it("starts where usermod's own ranges start", () => {
    expect(addSubordinateIdsCommand("ann", [])).toBe(
      "sudo usermod --add-subuids 100000-165535 --add-subgids 100000-165535 ann",
    );
  });

  it("offers ids that nobody has", () => {
    const taken = parseSubordinateIds("ann:100000:65536\n");
    expect(addSubordinateIdsCommand("bob", taken)).toContain("165536-231071");
  });
});

describe("quote()", () => {
  it.each(["/home/ann/build", "a b", "it's", '$(id) "x" `y`'])(
    "keeps %j one word",
    async (text) => {
      const { stdout } = await execa("sh", ["-c", `printf %s ${quote(text)}`]);
      expect(stdout).toBe(text);
    },
  );

  it.each(["a b", "it's", 'say "x"'])("is understood by mmdebstrap's hooks: %j", async (text) => {
    const script = "print join '|', shellwords $ARGV[0]";
    const words = `upload ${quote(text)} /x`;
    const { stdout } = await execa("perl", ["-MText::ParseWords", "-e", script, words]);
    expect(stdout).toBe(`upload|${text}|/x`);
  });
});

describe("targetFolder()", () => {
  it("leaves a folder that only its owner may enter", async () => {
    const folder = await mkdtemp(join(tmpdir(), "ballast-target-"));
    try {
      const inner = join(folder, "inner");
      await mkdir(inner);
      await chmod(inner, 0o755);
      expect(await targetFolder(inner)).toBe("/tmp");
      await chmod(folder, 0o755);
      expect(await targetFolder(inner)).toBe(inner);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });
});
