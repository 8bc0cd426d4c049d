import { describe, expect, it } from "vitest";
import { readFileSync } from "node:fs";
import { parsePatch } from "../../patch.ts";
import { renderHosts } from "./hosts.ts";

describe("network.hosts", () => {
  it("takes tables and the pairs of other systems, in one list", () => {
    const hosts = [{ ip: "192.0.2.1", names: ["a.org", "a"] }, ["2001:db8::1", ["b"]]];
    expect(parsePatch({ network: { hosts } })).toEqual({
      ok: true,
      changes: [{ key: "network.hosts", value: hosts }],
    });
  });

  it.each([
    [[{ ip: "192.0.2", names: ["a"] }]],
    [[{ ip: "192.0.2.1", names: [] }]],
    [[{ ip: "192.0.2.1", names: "a" }]],
    [[{ ip: "192.0.2.1", names: ["a b"] }]],
    [[{ ip: "192.0.2.1", names: ["a"], alias: "b" }]],
    [[["192.0.2.1"]]],
    [[["192.0.2.1", ["a"], "b"]]],
    [[["192.0.2.1", ["192.0.2.2"]]]],
    [[{ ip: "192.0.2.1", names: Array.from({ length: 33 }, () => "a") }]],
    [["192.0.2.1 a"]],
  ])("refuses %j", (hosts) => {
    const result = parsePatch({ network: { hosts } });
    const keys = result.ok ? [] : result.issues.map(({ key }) => key);
    expect(keys).toEqual([expect.stringMatching(/^network\.hosts\.0/)]);
  });

  it("renders both kinds after the names of this machine", () => {
    expect(renderHosts([{ ip: "192.0.2.1", names: ["a.org", "a"] }, ["192.0.2.2", ["b"]]])).toBe(
      `${renderHosts([])}192.0.2.1 a.org a\n192.0.2.2 b\n`,
    );
  });

  it("renders by default what the image begins with", () => {
    const file = "../../../../../images/standalone/rootfs/usr/lib/ballast/hosts";
    const text = readFileSync(new URL(file, import.meta.url), "utf8");
    expect(renderHosts([])).toBe(text);
  });
});
