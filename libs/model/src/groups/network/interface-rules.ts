import { joinKey } from "../../keys.ts";
import type { Issue } from "../../settings-group.ts";
import { familyOf, isSameAddress, networkHolds, parseCidr, type Family } from "./address.ts";
import type { Interface, Interfaces } from "./interface.ts";

const MAX_INTERFACES = 64;
/** IPv6 demands it of every link (RFC 8200, 5). */
const IPV6_MIN_MTU = 1280;

type Entries = readonly (readonly [name: string, value: Interface])[];
type Report = (name: string, field: string, reason: string) => void;

/** Rules between interfaces and between fields of one; keys begin with `interfaces`. */
export function checkInterfaces(interfaces: Interfaces): Issue[] {
  const issues: Issue[] = [];
  const report: Report = (name, field, reason) => {
    const inner = field === "" ? [] : field.split(".");
    issues.push({ key: joinKey(["interfaces", name, ...inner]), reason });
  };
  const entries = Object.entries(interfaces);
  const [surplus] = entries.slice(MAX_INTERFACES);
  if (surplus !== undefined)
    report(surplus[0], "", `is one too many: at most ${MAX_INTERFACES} interfaces`);
  for (const [name, value] of entries) {
    checkKind(name, value, report);
    checkUse(name, value, interfaces, report);
    checkRoutes(name, value, report);
    checkMtu(name, value, interfaces, report);
  }
  checkVlans(entries, interfaces, report);
  checkBonds(entries, interfaces, report);
  checkOnce(entries, report);
  return issues;
}

export function isVlan({ vlan }: Interface): boolean {
  return vlan.device !== undefined || vlan.id !== undefined;
}

export function isBond({ bond }: Interface): boolean {
  return Object.values(bond).some((value) => value !== undefined);
}

/** Every name that is joined into a bond → the bond. */
export function bondOfMember(interfaces: Interfaces): Map<string, string> {
  return new Map(
    Object.entries(interfaces).flatMap(([name, { bond }]) =>
      (bond.interfaces ?? []).map((member) => [member, name] as const),
    ),
  );
}

function checkKind(name: string, value: Interface, report: Report): void {
  if (isVlan(value))
    for (const field of ["device", "id"] as const)
      if (value.vlan[field] === undefined) report(name, `vlan.${field}`, "must be set");
  if (isBond(value) && value.bond.interfaces === undefined)
    report(name, "bond.interfaces", "must be set");
  if (isVlan(value) && isBond(value)) report(name, "", "must not be both a VLAN and a bond");
  if ((isVlan(value) || isBond(value)) && value.mac !== undefined)
    report(name, "mac", "must not be set for a VLAN or a bond");
}

/** An interface has an address, or carries something that has. */
function checkUse(name: string, value: Interface, interfaces: Interfaces, report: Report): void {
  const bond = bondOfMember(interfaces).get(name);
  const isAddressed = value.dhcp4 || value.dhcp6 || value.addresses.length > 0;
  if (bond !== undefined) {
    if (isAddressed || value.routes.length > 0 || value.primary)
      report(name, "", `must have no addresses and routes: it is joined into another interface`);
    return;
  }
  const carries = Object.values(interfaces).some(({ vlan }) => vlan.device === name);
  if (!isAddressed && !carries) report(name, "", "must have dhcp4, dhcp6 or addresses");
}

function checkRoutes(name: string, value: Interface, report: Report): void {
  const networks = value.addresses.flatMap((text) => parseCidr(text) ?? []);
  const isDynamic = (family: Family) => (family === "ipv4" ? value.dhcp4 : value.dhcp6);
  for (const [index, { to, via, from }] of value.routes.entries()) {
    const field = `routes.${index}`;
    const families = [parseCidr(to)?.family, familyOf(via ?? ""), familyOf(from ?? "")].filter(
      (family) => family !== undefined,
    );
    const [family] = families;
    if (to === "default" && via === undefined) report(name, field, "must have via");
    if (family === undefined) continue;
    if (families.some((other) => other !== family))
      report(name, field, "must have addresses of one family");
    else if (!isDynamic(family) && networks.every((network) => network.family !== family))
      report(name, field, `must be of a family in which the interface has an address`);
    else if (via !== undefined && !isDynamic(family) && !isReachable(via, networks))
      report(name, `${field}.via`, "must lie in the network of one of the addresses");
    if (
      from !== undefined &&
      !isDynamic(family) &&
      !networks.some(({ ip }) => isSameAddress(ip, from))
    )
      report(name, `${field}.from`, "must be one of the addresses");
  }
}

function isReachable(via: string, networks: Parameters<typeof networkHolds>[0][]): boolean {
  const linkLocal = { ip: "fe80::", prefixLength: 10, family: "ipv6" } as const;
  return [...networks, linkLocal].some((network) => networkHolds(network, via));
}

function checkMtu(
  name: string,
  { mtu, dhcp6, addresses, vlan }: Interface,
  interfaces: Interfaces,
  report: Report,
): void {
  if (mtu === undefined) return;
  const hasIpv6 = dhcp6 || addresses.some((text) => parseCidr(text)?.family === "ipv6");
  if (hasIpv6 && mtu < IPV6_MIN_MTU)
    report(name, "mtu", `must be at least ${IPV6_MIN_MTU} for IPv6`);
  const below = find(interfaces, vlan.device)?.mtu;
  if (below !== undefined && mtu > below)
    report(name, "mtu", "must not be larger than that of the interface that carries the VLAN");
}

function checkVlans(entries: Entries, interfaces: Interfaces, report: Report): void {
  const members = bondOfMember(interfaces);
  const seen = new Set<string>();
  for (const [name, value] of entries) {
    const { device, id } = value.vlan;
    if (device === undefined) continue;
    const carrier = find(interfaces, device);
    if (device === name || (carrier !== undefined && isVlan(carrier)))
      report(name, "vlan.device", "must not be a VLAN itself");
    if (members.has(device)) report(name, "vlan.device", "must not be joined into a bond");
    if (id !== undefined && seen.has(`${device} ${id}`))
      report(name, "vlan.id", "must not be used twice on one interface");
    seen.add(`${device} ${id}`);
  }
}

function checkBonds(entries: Entries, interfaces: Interfaces, report: Report): void {
  const seen = new Set<string>();
  for (const [name, { bond }] of entries)
    for (const [index, member] of (bond.interfaces ?? []).entries()) {
      const field = `bond.interfaces.${index}`;
      const value = find(interfaces, member);
      if (member === name || (value !== undefined && (isVlan(value) || isBond(value))))
        report(name, field, "must not be a VLAN or a bond");
      if (seen.has(member)) report(name, field, "must be joined only once");
      seen.add(member);
    }
}

function checkOnce(entries: Entries, report: Report): void {
  const macs = new Set<string>();
  const ips: string[] = [];
  let hasPrimary = false;
  for (const [name, { mac, addresses, primary }] of entries) {
    if (mac !== undefined && macs.has(mac))
      report(name, "mac", "must be that of one interface only");
    if (mac !== undefined) macs.add(mac);
    if (primary && hasPrimary) report(name, "primary", "must be true for one interface only");
    hasPrimary ||= primary;
    for (const [index, text] of addresses.entries()) {
      const ip = parseCidr(text)?.ip ?? text;
      if (ips.some((other) => isSameAddress(other, ip)))
        report(name, `addresses.${index}`, "must be given only once");
      ips.push(ip);
    }
  }
}

function find(interfaces: Interfaces, name: string | undefined): Interface | undefined {
  return name !== undefined && Object.hasOwn(interfaces, name) ? interfaces[name] : undefined;
}
