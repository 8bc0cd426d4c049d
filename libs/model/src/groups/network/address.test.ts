import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Cidr, DnsName, isSameAddress, MacAddress, networkHolds, parseCidr } from "./address.ts";

describe("address types", () => {
  it.each(["192.0.2.7/24", "0.0.0.0/0", "::/0", "2001:db8::7/128"])("Cidr takes %j", (text) => {
    expect(Cidr.safeParse(text).success).toBe(true);
  });

  it.each([
    "192.0.2.7",
    "192.0.2.7/33",
    "192.0.2.7/024",
    "192.0.2.7/-1",
    "192.0.2.7/",
    "::1/129",
    "fe80::1%eth0/64",
    "a/24",
    "192.0.2.7/24\n",
    "/24",
  ])("Cidr refuses %j", (text) => {
    expect(Cidr.safeParse(text).success).toBe(false);
  });

  it.each([
    ["52:54:00:12:34:56", true],
    ["52:54:00:12:34:5G", false],
    ["52-54-00-12-34-56", false],
    ["52:54:00:12:34", false],
    ["01:00:5e:00:00:01", false],
    ["52:54:00:12:34:5A", false],
  ])("MacAddress of %j: %j", (text, isGood) => {
    expect(MacAddress.safeParse(text).success).toBe(isGood);
  });

  it.each(["1", "a.1", "192.0.2.1", "a.0x7f", "a..b", "-a", "a.-b", "a/b"])(
    "DnsName refuses %j",
    (text) => {
      expect(DnsName.safeParse(text).success).toBe(false);
    },
  );
});

describe("networks", () => {
  it("hold the addresses that share their first bits", () => {
    const number = fc.integer({ min: 0, max: 0xffff_ffff });
    const dotted = (value: number): string =>
      [24, 16, 8, 0].map((shift) => (value >>> shift) & 0xff).join(".");
    fc.assert(
      fc.property(number, number, fc.integer({ min: 0, max: 32 }), (left, right, prefixLength) => {
        const network = { ip: dotted(left), prefixLength, family: "ipv4" } as const;
        const shift = BigInt(32 - prefixLength);
        const isInside = BigInt(left) >> shift === BigInt(right) >> shift;
        expect(networkHolds(network, dotted(right))).toBe(isInside);
      }),
    );
  });

  it("do not mix families", () => {
    const all = parseCidr("0.0.0.0/0");
    expect(all !== undefined && networkHolds(all, "::1")).toBe(false);
  });

  it("know an address in every spelling", () => {
    expect(isSameAddress("2001:db8::1", "2001:DB8:0:0::1")).toBe(true);
    expect(isSameAddress("192.0.2.1", "192.0.2.2")).toBe(false);
    expect(isSameAddress("192.0.2.1", "::1")).toBe(false);
  });
});
