import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { fsConformance } from "./fs.conformance.ts";
import { createMemoryFs } from "./memory-fs.ts";
import { createNodeFs } from "./node-fs.ts";

function temporaryRoot(): string {
  const root = mkdtempSync(join(tmpdir(), "ballast-fs-"));
  onTestFinished(() => {
    rmSync(root, { recursive: true });
  });
  return root;
}

fsConformance("memory", async () => createMemoryFs());
fsConformance("node", async () => createNodeFs(temporaryRoot()));

describe("createNodeFs()", () => {
  it("sets modes whatever the umask and leaves no temporary file", async () => {
    const root = temporaryRoot();
    const before = process.umask(0o077);
    try {
      await createNodeFs(root).writeDurable("/run/etc/motd", "x", 0o644);
    } finally {
      process.umask(before);
    }
    expect(statSync(join(root, "run")).mode & 0o777).toBe(0o755);
    expect(statSync(join(root, "run/etc/motd")).mode & 0o777).toBe(0o644);
    expect(readdirSync(join(root, "run/etc"))).toEqual(["motd"]);
  });

  it("replaces a file whole: an open reader keeps the old text", async () => {
    const root = temporaryRoot();
    const fs = createNodeFs(root);
    await fs.writeDurable("/f", "old", 0o600);
    const { ino } = statSync(join(root, "f"));
    await fs.writeDurable("/f", "new", 0o600);
    expect(statSync(join(root, "f")).ino).not.toBe(ino);
  });

  it("replaces a link instead of writing through it", async () => {
    const root = temporaryRoot();
    writeFileSync(join(root, "victim"), "safe");
    symlinkSync("victim", join(root, "f"));
    const fs = createNodeFs(root);
    await fs.writeDurable("/f", "x", 0o600);
    expect(await fs.readText("/victim")).toBe("safe");
  });

  it("names act and path when it cannot write or read", async () => {
    const root = temporaryRoot();
    mkdirSync(join(root, "d"));
    const fs = createNodeFs(root);
    await expect(fs.writeDurable("/d", "x", 0o600)).rejects.toMatchObject({ code: "system.write" });
    expect(readdirSync(root)).toEqual(["d"]);
    await expect(fs.readText("/d")).rejects.toMatchObject({ code: "system.read" });
  });

  it("refuses text that is not UTF-8", async () => {
    const root = temporaryRoot();
    writeFileSync(join(root, "f"), Buffer.from([0xff, 0xfe]));
    await expect(createNodeFs(root).readText("/f")).rejects.toMatchObject({ code: "system.read" });
  });

  it("reads files of the kernel that tell no size", async () => {
    expect(await createNodeFs().readText("/proc/self/status")).toContain("Name:");
  });
});
