import { describe, expect, it } from "vitest";
import { enableUnits, parseInstall } from "./enable-units.ts";
import { RootTree } from "./entry.ts";

const UNIT =
  "[Unit]\nWantedBy=ignored.target\n[Install]\nWantedBy=a.target b.target\nRequiredBy=c.target\nAlias=other.service\n";

describe("enableUnits()", () => {
  it("links a unit as its [Install] section says", () => {
    const tree = new RootTree();
    tree.addFile("usr/lib/systemd/system/x.service", UNIT, "test");
    enableUnits(tree, ["x.service"]);
    const links = tree.sorted().filter(({ kind }) => kind === "symlink");
    expect(
      links.map(({ path, target }) => [path.replace("usr/lib/systemd/system/", ""), target]),
    ).toEqual([
      ["a.target.wants/x.service", "../x.service"],
      ["b.target.wants/x.service", "../x.service"],
      ["c.target.requires/x.service", "../x.service"],
      ["other.service", "x.service"],
    ]);
  });

  it("refuses a unit that the root does not have", () => {
    expect(() => enableUnits(new RootTree(), ["x.service"])).toThrow('Cannot enable "x.service"');
  });
});

describe("parseInstall()", () => {
  it("reads nothing outside of its section", () => {
    expect(parseInstall("[Unit]\nWantedBy=a\n[Service]\nAlias=b\n")).toEqual(new Map());
  });
});
