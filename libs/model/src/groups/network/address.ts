import { BlockList, isIP } from "node:net";
import * as z from "zod";

export type Family = "ipv4" | "ipv6";

/** An address with the length of its network: `192.0.2.7/24`. */
export interface Network {
  readonly ip: string;
  readonly prefixLength: number;
  readonly family: Family;
}

/** An IPv4 or IPv6 address, without port and zone. */
export const IpAddress = z
  .string()
  .refine((text) => familyOf(text) !== undefined, { error: "must be an IPv4 or IPv6 address" });

/** An address with the length of its network. */
export const Cidr = z.string().refine((text) => parseCidr(text) !== undefined, {
  error: "must be an address and the length of its network, for example 192.0.2.7/24",
});

/** Six bytes in hexadecimal, as ip(8) prints them; not a multicast address. */
export const MacAddress = z.string().regex(/^[0-9a-f][02468ace](?::[0-9a-f]{2}){5}$/, {
  error: "must be a MAC address in lower case, for example 52:54:00:12:34:56",
});

/** A name in the DNS or in hosts(5): labels of letters, digits, `-` and `_`, joined by single dots, and no IP address. */
export const DnsName = z
  .string()
  .max(253, { error: "must be at most 253 characters" })
  .regex(/^[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,62})(?:\.[A-Za-z0-9_][A-Za-z0-9_-]{0,62})*$/, {
    error: "must consist of labels of letters, digits, '-' and '_' joined by single dots",
  })
  // A last label of digits is an IPv4 address, or would be taken for one (RFC 1123, 2.1).
  .refine((text) => !/(?:^|\.)(?:\d+|0[xX][0-9A-Fa-f]*)$/.test(text), {
    error: "must be a name, not an address",
  });

export function familyOf(text: string): Family | undefined {
  // Node takes a zone (`fe80::1%eth0`), which names an interface and not an address.
  if (text.includes("%")) return undefined;
  const version = isIP(text);
  if (version === 4) return "ipv4";
  return version === 6 ? "ipv6" : undefined;
}

export function parseCidr(text: string): Network | undefined {
  const [, ip, digits] = /^([^/]+)\/(0|[1-9]\d{0,2})$/.exec(text) ?? [];
  const family = familyOf(ip ?? "");
  if (ip === undefined || family === undefined) return undefined;
  const prefixLength = Number(digits);
  if (prefixLength > (family === "ipv4" ? 32 : 128)) return undefined;
  return { ip, prefixLength, family };
}

/** Whether the address lies in the network. */
export function networkHolds(network: Network, ip: string): boolean {
  const list = new BlockList();
  list.addSubnet(network.ip, network.prefixLength, network.family);
  return familyOf(ip) === network.family && list.check(ip, network.family);
}

/** Whether two texts name the same address. */
export function isSameAddress(left: string, right: string): boolean {
  const family = familyOf(left);
  if (family === undefined) return false;
  return networkHolds({ ip: left, prefixLength: family === "ipv4" ? 32 : 128, family }, right);
}
