import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { checkRules, effectiveSettings } from "../../effective.ts";
import { flatten } from "../../keys.ts";
import { parsePatch } from "../../patch.ts";
import { renderService, SERVICES } from "../../services.ts";

const V4 = { addresses: ["192.0.2.7/24"] };

function judge(interfaces: unknown): string[] {
  const issues = checkRules(effectiveSettings(flatten({ network: { interfaces } })));
  return issues.map(({ key, reason }) => `${key.replace("network.interfaces.", "")} ${reason}`);
}

function rendered(interfaces: unknown): Record<string, string> {
  const effective = effectiveSettings(flatten({ network: { interfaces } }));
  const entry = SERVICES.find(({ service }) => service.name === "network-interfaces");
  const files = entry === undefined ? [] : renderService(entry, effective);
  return Object.fromEntries(files.map(({ path, text }) => [path, text]));
}

describe("network.interfaces", () => {
  it.each([
    { eth0: { dhcp4: true } },
    { "eth0.20": { dhcp4: true, vlan: { device: "eth0", id: 20 } } },
    { uplink: { mac: "52:54:00:12:34:56", dhcp6: true, optional: true } },
    { eth0: { ...V4, routes: [{ to: "default", via: "192.0.2.1", metric: 5 }], mtu: 9000 } },
    { bond0: { dhcp4: true, bond: { mode: "802.3ad", interfaces: ["eth0"], "miimon-ms": 50 } } },
  ])("takes %j", (interfaces) => {
    expect(parsePatch({ network: { interfaces } })).toMatchObject({ ok: true });
  });

  it.each([
    [{ lo: { dhcp4: true } }, "lo"],
    [{ "1": { dhcp4: true } }, "1"],
    [{ abcdefghijklmnop: { dhcp4: true } }, "abcdefghijklmnop"],
    [{ "a/b": { dhcp4: true } }, '"a/b"'],
    [{ "..": { dhcp4: true } }, '".."'],
    [{ "eth*": { dhcp4: true } }, '"eth*"'],
    [{ eth0: { dhcp4: "yes" } }, "eth0.dhcp4"],
    [{ eth0: { addresses: ["192.0.2.7"] } }, "eth0.addresses.0"],
    [{ eth0: { addresses: ["192.0.2.7/24\nDHCP=yes"] } }, "eth0.addresses.0"],
    [{ eth0: { routes: [{ via: "192.0.2.1" }] } }, "eth0.routes.0.to"],
    [{ eth0: { routes: [{ to: "all", via: "192.0.2.1" }] } }, "eth0.routes.0.to"],
    [{ eth0: { routes: [{ to: "default", via: "router" }] } }, "eth0.routes.0.via"],
    [{ eth0: { routes: [{ to: "default", gw: "192.0.2.1" }] } }, "eth0.routes.0.gw"],
    [{ eth0: { mtu: 575 } }, "eth0.mtu"],
    [{ eth0: { mac: "52:54:00" } }, "eth0.mac"],
    [{ eth0: { vlan: { id: 4095 } } }, "eth0.vlan.id"],
    [{ eth0: { vlan: { device: "a b" } } }, "eth0.vlan.device"],
    [{ eth0: { bond: { mode: "active" } } }, "eth0.bond.mode"],
    [{ eth0: { bond: { interfaces: [] } } }, "eth0.bond.interfaces"],
    [{ eth0: { speed: 10 } }, "eth0.speed"],
  ])("refuses %j", (interfaces, key) => {
    const result = parsePatch({ network: { interfaces } });
    expect(result.ok ? [] : result.issues.map((issue) => issue.key)).toEqual([
      `network.interfaces.${key}`,
    ]);
  });
});

describe("rules between interfaces", () => {
  const bond = (...interfaces: string[]) => ({ dhcp4: true, bond: { interfaces } });
  const vlan = (device: string, id: number) => ({ dhcp4: true, vlan: { device, id } });

  it.each<[string, unknown]>([
    ["nothing", {}],
    ["both families", { eth0: { addresses: ["192.0.2.7/24", "2001:db8::7/64"], mtu: 1280 } }],
    ["a VLAN on an interface without addresses", { eth0: { mtu: 1500 }, v: vlan("eth0", 1) }],
    ["a VLAN on a bond", { b: bond("eth0", "eth1"), v: vlan("b", 1), w: vlan("b", 2) }],
    ["a joined interface with a size of its own", { b: bond("eth0"), eth0: { mtu: 9000 } }],
    [
      "a link-local router",
      {
        eth0: { ...V4, addresses: ["2001:db8::7/64"], routes: [{ to: "default", via: "fe80::1" }] },
      },
    ],
    [
      "a router that DHCP may make reachable",
      { eth0: { dhcp4: true, routes: [{ to: "10.0.0.0/8", via: "192.0.2.1" }] } },
    ],
    ["a route without a router", { eth0: { ...V4, routes: [{ to: "198.51.100.0/24" }] } }],
  ])("allow %s", (_, interfaces) => {
    expect(judge(interfaces)).toEqual([]);
  });

  it.each<[unknown, string]>([
    [{ eth0: { optional: true } }, "eth0 must have dhcp4, dhcp6 or addresses"],
    [{ v: { dhcp4: true, vlan: { device: "eth0" } } }, "v.vlan.id must be set"],
    [{ v: { dhcp4: true, vlan: { id: 7 } } }, "v.vlan.device must be set"],
    [{ b: { dhcp4: true, bond: { mode: "802.3ad" } } }, "b.bond.interfaces must be set"],
    [{ x: { ...bond("eth0"), ...vlan("eth1", 1) } }, "x must not be both a VLAN and a bond"],
    [
      { v: { ...vlan("eth0", 1), mac: "52:54:00:12:34:56" } },
      "v.mac must not be set for a VLAN or a bond",
    ],
    [
      { b: bond("eth0"), eth0: { dhcp4: true } },
      "eth0 must have no addresses and routes: it is joined into another interface",
    ],
    [{ v: vlan("v", 1) }, "v.vlan.device must not be a VLAN itself"],
    [{ v: vlan("eth0", 1), w: vlan("v", 2) }, "w.vlan.device must not be a VLAN itself"],
    [
      { v: vlan("eth0", 1), w: vlan("eth0", 1) },
      "w.vlan.id must not be used twice on one interface",
    ],
    [{ b: bond("eth0"), v: vlan("eth0", 1) }, "v.vlan.device must not be joined into a bond"],
    [{ b: bond("b") }, "b.bond.interfaces.0 must not be a VLAN or a bond"],
    [{ b: bond("eth0"), c: bond("eth0") }, "c.bond.interfaces.0 must be joined only once"],
    [{ b: bond("eth0", "eth0") }, "b.bond.interfaces.1 must be joined only once"],
    [{ eth0: { ...V4, routes: [{ to: "default" }] } }, "eth0.routes.0 must have via"],
    [
      { eth0: { ...V4, routes: [{ to: "2001:db8::/32", via: "192.0.2.1" }] } },
      "eth0.routes.0 must have addresses of one family",
    ],
    [
      { eth0: { ...V4, routes: [{ to: "::/0", via: "fe80::1" }] } },
      "eth0.routes.0 must be of a family in which the interface has an address",
    ],
    [
      { eth0: { ...V4, routes: [{ to: "default", via: "198.51.100.1" }] } },
      "eth0.routes.0.via must lie in the network of one of the addresses",
    ],
    [
      { eth0: { ...V4, routes: [{ to: "default", via: "192.0.2.1", from: "192.0.2.8" }] } },
      "eth0.routes.0.from must be one of the addresses",
    ],
    [{ eth0: { dhcp6: true, mtu: 1279 } }, "eth0.mtu must be at least 1280 for IPv6"],
    [
      { eth0: { mtu: 1400 }, v: { ...vlan("eth0", 1), mtu: 1500 } },
      "v.mtu must not be larger than that of the interface that carries the VLAN",
    ],
    [
      { a: { ...V4, primary: true }, b: { dhcp4: true, primary: true } },
      "b.primary must be true for one interface only",
    ],
    [
      {
        a: { dhcp4: true, mac: "52:54:00:12:34:56" },
        b: { dhcp4: true, mac: "52:54:00:12:34:56" },
      },
      "b.mac must be that of one interface only",
    ],
    [
      { a: { addresses: ["2001:db8::1/64"] }, b: { addresses: ["2001:db8:0::1/48"] } },
      "b.addresses.0 must be given only once",
    ],
  ])("refuse %j", (interfaces, issue) => {
    expect(judge(interfaces)).toContain(issue);
  });

  it("bound the number of interfaces", () => {
    const many = (count: number) =>
      Object.fromEntries(
        Array.from({ length: count }, (_, index) => [`e${index}`, { dhcp4: true }]),
      );
    expect(judge(many(64))).toEqual([]);
    expect(judge(many(65))).toEqual(["e64 is one too many: at most 64 interfaces"]);
  });
});

describe("files of interfaces", () => {
  it("are none without interfaces", () => {
    expect(rendered({})).toEqual({});
  });

  it("of an interface with fixed addresses", () => {
    const interfaces = {
      eth0: {
        addresses: ["192.0.2.7/24", "2001:db8::7/64"],
        routes: [
          { to: "default", via: "192.0.2.1", from: "192.0.2.7" },
          { to: "default", via: "fe80::1", metric: 9 },
          { to: "198.51.100.0/24", via: "192.0.2.2" },
        ],
        mtu: 1400,
        primary: true,
        optional: true,
      },
    };
    expect(rendered(interfaces)).toMatchSnapshot();
  });

  it("of an interface by its card's address, with DHCP", () => {
    const interfaces = {
      wan: { mac: "52:54:00:12:34:56", dhcp4: true, dhcp6: true, primary: true },
    };
    expect(rendered(interfaces)).toMatchSnapshot();
  });

  it("of VLANs, also on an interface that is not listed, which keeps asking by DHCP", () => {
    const interfaces = {
      eth0: { dhcp4: true },
      "eth0.20": { addresses: ["192.0.2.7/24"], vlan: { device: "eth0", id: 20 } },
      storage: { dhcp6: true, vlan: { device: "eth1", id: 30 } },
    };
    expect(rendered(interfaces)).toMatchSnapshot();
  });

  it("of a bond and the interfaces joined into it, listed or not", () => {
    const interfaces = {
      bond0: {
        dhcp4: true,
        bond: { mode: "802.3ad", interfaces: ["eth0", "eth1"], "miimon-ms": 50, "min-links": 1 },
      },
      eth1: { mtu: 9000 },
    };
    expect(rendered(interfaces)).toMatchSnapshot();
  });

  it("of what lies below change with a VLAN or a bond, so that networkd sets it up anew", () => {
    const withId = (id: number) => rendered({ v: { dhcp4: true, vlan: { device: "eth0", id } } });
    expect(withId(1)["network/10-eth0.network"]).not.toBe(withId(2)["network/10-eth0.network"]);
  });

  it("hold one assignment for each setting, whatever values the schema takes", () => {
    const text = fc.oneof(
      fc.ipV4().map((ip) => `${ip}/24`),
      fc.ipV6().map((ip) => `${ip}/64`),
      fc.string({ unit: "binary" }),
    );
    fc.assert(
      fc.property(fc.array(text, { maxLength: 4 }), (addresses) => {
        const interfaces = { eth0: { addresses } };
        if (!parsePatch({ network: { interfaces } }).ok) return;
        const lines = rendered(interfaces)["network/10-eth0.network"]?.split("\n") ?? [];
        const read = lines.filter((line) => line.startsWith("Address="));
        expect(read).toEqual(addresses.map((address) => `Address=${address}`));
      }),
    );
  });
});
