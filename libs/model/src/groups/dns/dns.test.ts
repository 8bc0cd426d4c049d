import { describe, expect, it } from "vitest";
import { parsePatch } from "../../patch.ts";
import { dns } from "./dns.ts";

function rendered(value: Partial<typeof dns.defaults>): [string, string][] {
  return [...(dns.services[0]?.fileSets?.[0]?.render({ ...dns.defaults, ...value }) ?? [])];
}

describe("settings.dns", () => {
  it.each([
    { "name-servers": ["192.0.2.53", "2001:db8::53", "::1"] },
    { "name-servers": [] },
    { "search-list": ["example.org", "corp", "_tcp.Example.org", "xn--bcher-kva.example"] },
  ])("takes %j", (value) => {
    expect(parsePatch({ dns: value }).ok).toBe(true);
  });

  it.each([
    [{ "name-servers": "192.0.2.53" }, "dns.name-servers"],
    [{ "name-servers": ["192.0.2.53:53"] }, "dns.name-servers.0"],
    [{ "name-servers": ["192.0.2.53", "ns.example.org"] }, "dns.name-servers.1"],
    [{ "name-servers": ["192.0.2.53\nDNS=192.0.2.54"] }, "dns.name-servers.0"],
    [{ "name-servers": ["fe80::1%eth0"] }, "dns.name-servers.0"],
    [{ "name-servers": ["010.0.0.1"] }, "dns.name-servers.0"],
    [{ "name-servers": Array.from({ length: 9 }, () => "192.0.2.53") }, "dns.name-servers"],
    [{ "search-list": [".example.org"] }, "dns.search-list.0"],
    [{ "search-list": ["example.org."] }, "dns.search-list.0"],
    [{ "search-list": ["192.0.2.1"] }, "dns.search-list.0"],
    [{ "search-list": ["~."] }, "dns.search-list.0"],
    [{ "search-list": ["a b"] }, "dns.search-list.0"],
    [{ "search-list": [""] }, "dns.search-list.0"],
    [{ "search-list": ["a".repeat(64)] }, "dns.search-list.0"],
    [{ "search-list": [`${"a.".repeat(126)}aa`] }, "dns.search-list.0"],
    [{ nope: [] }, "dns.nope"],
  ])("refuses %j", (value, key) => {
    const result = parsePatch({ dns: value });
    expect(result.ok ? [] : result.issues.map((issue) => issue.key)).toEqual([key]);
  });

  it("renders nothing when nothing is set, so that nothing is reloaded", () => {
    expect(rendered({})).toEqual([]);
  });

  it("asks its servers about every name", () => {
    const value = { "name-servers": ["192.0.2.53", "2001:db8::53"], "search-list": ["a.org", "b"] };
    expect(rendered(value)).toEqual([
      ["settings.conf", "[Resolve]\nDNS=192.0.2.53 2001:db8::53\nDomains=a.org b ~.\n"],
    ]);
  });

  it("leaves the servers of the network when only domains are set", () => {
    expect(rendered({ "search-list": ["a.org"] })).toEqual([
      ["settings.conf", "[Resolve]\nDomains=a.org\n"],
    ]);
  });
});
