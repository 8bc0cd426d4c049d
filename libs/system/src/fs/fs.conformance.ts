import { describe, expect, it } from "vitest";
import { SystemError } from "../system-error.ts";
import type { Fs } from "./fs.ts";

/** What every adapter of the Fs port must do. `make` gives an empty file system. */
export function fsConformance(name: string, make: () => Promise<Fs>): void {
  describe(`Fs: ${name}`, () => {
    it("reads back what was written", async () => {
      const fs = await make();
      await fs.writeDurable("/a/b/c", "x\ny", 0o644);
      expect(await fs.readText("/a/b/c")).toBe("x\ny");
      await fs.writeDurable("/a/b/c", "", 0o644);
      expect(await fs.readText("/a/b/c")).toBe("");
    });

    it("reads bytes as they are", async () => {
      const fs = await make();
      await fs.writeDurable("/a", "\u00e9\u0000", 0o644);
      expect([...((await fs.readBytes("/a")) ?? [])]).toEqual([0xc3, 0xa9, 0]);
      expect(await fs.readBytes("/b")).toBeUndefined();
      const tooLong = fs.readBytes("/a", { maxBytes: 2 });
      await expect(tooLong).rejects.toMatchObject({ code: "system.too-large" });
    });

    it("answers undefined for what is absent, also below a file", async () => {
      const fs = await make();
      expect(await fs.readText("/a")).toBeUndefined();
      await fs.writeDurable("/a", "x", 0o644);
      expect(await fs.readText("/a/b")).toBeUndefined();
      expect(await fs.exists("/a/b")).toBe(false);
    });

    it("refuses to read more than asked for", async () => {
      const fs = await make();
      await fs.writeDurable("/a", "12345", 0o644);
      expect(await fs.readText("/a", { maxBytes: 5 })).toBe("12345");
      const tooLong = fs.readText("/a", { maxBytes: 4 });
      await expect(tooLong).rejects.toThrow(SystemError);
      await expect(tooLong).rejects.toMatchObject({ code: "system.too-large" });
    });

    it("tells permissions, of a directory too", async () => {
      const fs = await make();
      expect(await fs.mode("/d/a")).toBeUndefined();
      await fs.writeDurable("/d/a", "x", 0o640);
      expect(await fs.mode("/d/a")).toBe(0o640);
      expect(await fs.mode("/d")).toBe(0o755);
      expect(await fs.mode("/d/a/b")).toBeUndefined();
    });

    it("removes a file, and is content when there is none", async () => {
      const fs = await make();
      await fs.writeDurable("/d/a", "x", 0o644);
      await fs.remove("/d/a");
      await fs.remove("/d/a");
      expect(await fs.readText("/d/a")).toBeUndefined();
      expect(await fs.list("/d")).toEqual([]);
    });

    it("removes an empty directory", async () => {
      const fs = await make();
      await fs.writeDurable("/d/s/a", "x", 0o644);
      await fs.remove("/d/s/a");
      await fs.remove("/d/s");
      expect(await fs.exists("/d/s")).toBe(false);
      expect(await fs.list("/d")).toEqual([]);
    });

    it("lists names sorted, nothing for an absent directory", async () => {
      const fs = await make();
      expect(await fs.list("/d")).toEqual([]);
      await fs.writeDurable("/d/b", "", 0o644);
      await fs.writeDurable("/d/a", "", 0o644);
      await fs.writeDurable("/d/s/x", "", 0o644);
      expect(await fs.list("/d")).toEqual(["a", "b", "s"]);
      expect(await fs.exists("/d/s")).toBe(true);
    });
  });
}
