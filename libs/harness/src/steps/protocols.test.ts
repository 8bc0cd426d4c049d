import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { REPOSITORY } from "../core/paths.ts";
import { LOCK_FILE, Lock } from "../packages/lock.ts";
import { checkSameContainerd } from "./protocols.ts";

const NAME = "golang-github-containerd-containerd-dev";
const item = (name: string, version: string) => ({
  name,
  version,
  sha256: "0".repeat(64),
  sizeBytes: 1,
});

describe("the locked interfaces", () => {
  it("are those of the containerd of the image", async () => {
    const lock = Lock.parse(JSON.parse(await readFile(join(REPOSITORY, LOCK_FILE), "utf8")));
    checkSameContainerd(lock);
    expect(lock.protocols.map(({ name }) => name)).toContain(NAME);
  });

  function checkPair(described: string, running: string): void {
    checkSameContainerd({
      protocols: [item(NAME, described)],
      root: [item("containerd", running)],
    });
  }

  it.each([
    ["1.7.24~ds1-6", "1.7.24~ds1-6+b4"],
    ["1.7.24~ds1-6+deb13u1", "1.7.24~ds1-6+deb13u1+b1"],
  ])("%s describes %s, built from the same source", (described, running) => {
    expect(() => {
      checkPair(described, running);
    }).not.toThrow();
  });

  it("do not describe another version", () => {
    expect(() => {
      checkPair("1.7.24~ds1-6", "1.7.24~ds1-6+deb13u1");
    }).toThrow("locked at 1.7.24~ds1-6, itself at 1.7.24~ds1-6+deb13u1");
  });
});
