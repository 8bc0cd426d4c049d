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
    expect(checkRoot([file(`usr/bin/${name}`)])).toEqual([
      `"usr/bin/${name}" (test) is a shell, an interpreter, a package manager or a way to log in`,
    ]);
  });

  it("refuses a link with the name of a shell", () => {
    expect(checkRoot([link("usr/bin/sh", "ballast"), file("usr/bin/ballast")])).toHaveLength(1);
  });

  it.each([
    [{ mode: 0o4755 }, "is setuid or setgid"],
    [{ mode: 0o2755 }, "is setuid or setgid"],
    [{ mode: 0o666 }, "is writable by everybody"],
    [{ uid: 1000 }, "is not owned by root"],
    [{ data: Buffer.from("#!/bin/sh\n") }, "begins with #!: it needs an interpreter"],
  ])("refuses a file with %j", (more, problem) => {
    expect(checkRoot([file("usr/lib/thing", more)])).toEqual([`"usr/lib/thing" (test) ${problem}`]);
  });

  it("refuses a library that not everybody can read", () => {
    expect(checkRoot([file("usr/lib/x86_64-linux-gnu/libx.so.1", { mode: 0o750 })])).toHaveLength(
      1,
    );
  });

  it("refuses a link that leads nowhere, and takes one into what exists at run time", () => {
    expect(
      checkRoot([
        link("etc/a", "../usr/missing"),
        link("etc/b", "../run/x"),
        link("etc/c", "/usr/there"),
        file("usr/there", { mode: 0o644 }),
      ]),
    ).toEqual(['"etc/a" (test) links to "../usr/missing", which is not in the root']);
  });
});
