import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { AccountFiles } from "./account-files.ts";
import { OciError } from "./oci-error.ts";
import { filesOfUser, resolveUser } from "./resolve-user.ts";

const passwd = `# comment
root:x:0:0:root:/root:/bin/sh
app:x:1000:1001:App:/home/app:/bin/sh
app:x:0:0:again::
broken:x:zero:0::
large:x:99999999999:7::
half:x:12
noline`;
const group = `root:x:0:
app:x:1001:
staff:x:50:other,app
disk:x:6:root,app
none:x:x:app
`;
const files = { passwd, group };

function uidOrCode(user: string, accounts: AccountFiles): unknown {
  try {
    return resolveUser(user, accounts).uid;
  } catch (error) {
    if (error instanceof OciError) return error.code;
    throw error;
  }
}

describe("resolveUser()", () => {
  it.each([
    ["", 0, 0, [0, 6]],
    ["0", 0, 0, [0, 6]],
    ["root", 0, 0, [0, 6]],
    ["app", 1000, 1001, [1001, 50, 6]],
    ["1000", 1000, 1001, [1001, 50, 6]],
    ["1000:7", 1000, 7, [7]],
    ["app:staff", 1000, 50, [50]],
    ["4242", 4242, 0, [0]],
    ["4242:staff", 4242, 50, [50]],
    [":50", 0, 50, [50]],
  ])("finds %j", (user, uid, gid, additionalGids) => {
    expect(resolveUser(user, files)).toEqual({ uid, gid, additionalGids });
  });

  it.each([
    "nobody",
    "broken",
    "large",
    "half",
    "2147483648",
    "-1",
    "app:none",
    "app:nothing",
    "app:",
  ])("does not find %j", (user) => {
    expect(() => resolveUser(user, files)).toThrow(
      expect.objectContaining({ code: "containerd.unknown-user" }),
    );
  });

  it("takes numbers without any file, and finds no name there", () => {
    expect(resolveUser("7", {})).toEqual({ uid: 7, gid: 0, additionalGids: [0] });
    expect(() => resolveUser("app", {})).toThrow('has no account "app"');
  });

  it("shows what an image says on one line, cut", () => {
    expect(() => resolveUser(`a\n\u{1b}[2J${"b".repeat(500)}`, files)).toThrow(
      /^Cannot find user "a\?\?\[2Jb{1,100}" of the image/,
    );
  });

  it("bounds the groups of one account", () => {
    const many = Array.from({ length: 2000 }, (_, index) => `g${index}:x:${index}:app`).join("\n");
    expect(() => resolveUser("app", { passwd, group: many })).toThrow("more than 1024 groups");
  });

  it("gives root to nobody who is not root, whatever the files hold", () => {
    const line = fc.array(fc.oneof(fc.string(), fc.constantFrom("app", "x", "1", "-0", "0x0")), {
      maxLength: 8,
    });
    const text = fc.array(line).map((lines) => lines.map((fields) => fields.join(":")).join("\n"));
    fc.assert(
      fc.property(text, text, (some, other) => {
        const accounts = { passwd: some.replaceAll(/\b0+\b/g, "1"), group: other };
        expect(uidOrCode("app", accounts)).not.toBe(0);
      }),
    );
  });
});

it("filesOfUser() asks for no file that numbers do not need", () => {
  expect(filesOfUser("1:1")).toEqual([]);
  expect(filesOfUser("")).toEqual(["group"]);
  expect(filesOfUser("1")).toEqual(["passwd", "group"]);
  expect(filesOfUser("1:staff")).toEqual(["group"]);
  expect(filesOfUser("app:1")).toEqual(["passwd"]);
});
