import { readFile } from "node:fs/promises";
import { describe, expect, it } from "vitest";
import { checkRoot } from "./check-root.ts";
import type { Entry } from "./entry.ts";

function file(path: string, more: Partial<Entry> = {}): Entry {
  return {
    path,
    kind: "file",
    mode: 0o755,
    uid: 0,
    gid: 0,
    data: Buffer.from("data"),
    origin: "test",
    ...more,
  };
}

function link(path: string, target: string): Entry {
  return { path, kind: "symlink", mode: 0o777, uid: 0, gid: 0, target, origin: "test" };
}

describe("checkRoot()", () => {
  it.each([
    "bash",
    "dash",
    "sh",
    "perl5.40",
    "python3.13",
    "python3",
    "node",
    "busybox",
    "apt-get",
    "dpkg",
    "sudo",
    "su",
    "login",
    "agetty",
    "sulogin",
    "sshd",
    "gawk",
  ])("refuses the program %s", (name) => {
    expect(checkRoot([file(`usr/bin/${name}`)], [`usr/bin/${name}`])).toEqual([
      `"usr/bin/${name}" (test) is a shell, an interpreter, a package manager or a way to log in`,
    ]);
  });

  it("refuses a link with the name of a shell", () => {
    expect(
      checkRoot([link("usr/bin/sh", "ballast"), file("usr/bin/ballast")], ["usr/bin/ballast"]),
    ).toHaveLength(1);
  });

  it.each([
    [{ mode: 0o4755 }, "is setuid or setgid"],
    [{ mode: 0o2755 }, "is setuid or setgid"],
    [{ mode: 0o666 }, "is writable by everybody"],
    [{ uid: 1000 }, "is not owned by root"],
    [{ gid: 1000 }, "is not owned by root"],
    [{ data: Buffer.from("#!/bin/sh\n") }, "begins with #!: it needs an interpreter"],
  ])("refuses a file with %j", (more, problem) => {
    const thing = file("usr/lib/thing", { mode: 0o644, ...more });
    const programs = (thing.mode & 0o111) === 0 ? [] : [thing.path];
    expect(checkRoot([thing], programs)).toEqual([`"usr/lib/thing" (test) ${problem}`]);
  });

  it("refuses a program that is not listed, by its mode or by what it is", async () => {
    const tar = await readFile("/usr/bin/tar");
    expect(checkRoot([file("usr/bin/helper")], [])).toEqual([
      '"usr/bin/helper" (test) can be started and is not in the list of programs',
    ]);
    expect(checkRoot([file("usr/share/data", { mode: 0o644, data: tar })], [])).toContain(
      '"usr/share/data" (test) can be started and is not in the list of programs',
    );
  });

  it("refuses a list that names what is not there", () => {
    expect(checkRoot([], ["usr/bin/gone"])).toEqual([
      '"usr/bin/gone" is listed as a program and is not in the root',
    ]);
  });

  it("refuses a library that not everybody can read", () => {
    expect(
      checkRoot([file("usr/lib/x86_64-linux-gnu/libx.so.1", { mode: 0o640 })], []),
    ).toHaveLength(1);
  });

  it("refuses a link that leads nowhere, and takes one into what exists at run time", () => {
    expect(
      checkRoot(
        [
          link("etc/a", "../usr/missing"),
          link("etc/b", "../run/x"),
          link("etc/c", "/usr/there"),
          file("usr/there", { mode: 0o644 }),
        ],
        [],
      ),
    ).toEqual(['"etc/a" (test) links to "../usr/missing", which is not in the root']);
  });
});
