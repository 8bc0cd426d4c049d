import { readFile } from "node:fs/promises";
import { execa } from "execa";
import { describe, expect, it } from "vitest";
import { elfNeeds, isElf } from "./elf.ts";

describe("elfNeeds()", () => {
  it("finds what a real program needs: the same libraries as the dynamic linker loads first", async () => {
    const data = await readFile("/usr/bin/tar");
    expect(isElf(data)).toBe(true);
    const { interpreter, libraries } = elfNeeds(data);
    expect(interpreter).toBe("/lib64/ld-linux-x86-64.so.2");
    const { stdout } = await execa("ldd", ["/usr/bin/tar"]);
    for (const library of libraries) expect(stdout).toContain(library);
    expect(libraries).toContain("libc.so.6");
  });

  it("takes no text for a program", () => {
    expect(isElf(Buffer.from("#!/bin/sh\n".padEnd(100)))).toBe(false);
  });
});
