import * as z from "zod";
import { networkHolds, parseCidr } from "../network/address.ts";

const LONGEST_PREFIX = 24;
const SHORTEST_PREFIX = 16;
/** One address of sixteen is for containers that may ask link-local addresses. */
const LINK_LOCAL_SHARE_BITS = 4;
/**
 * Where a network of containers can be: what nobody else's network is (RFC 1918, RFC 6598). The unit of host-containers, which
 * asks containers how they are, may reach these and nothing else.
 */
const PRIVATE = ["10.0.0.0/8", "100.64.0.0/10", "172.16.0.0/12", "192.168.0.0/16"];
const PRIVATE_NETWORKS = PRIVATE.flatMap((text) => parseCidr(text) ?? []);

export const DEFAULT_SUBNET = "10.88.0.0/16";

/** An IPv4 network for the bridge of the containers. */
export const Subnet = z
  .string()
  .refine((text) => isSubnet(text), {
    error: `must be an IPv4 network of /${SHORTEST_PREFIX} to /${LONGEST_PREFIX} by its first address, for example ${DEFAULT_SUBNET}`,
  })
  .refine((text) => PRIVATE_NETWORKS.some((network) => networkHolds(network, firstOf(text))), {
    error: `must be of the private addresses ${PRIVATE.join(", ")}`,
  });

export interface AddressRange {
  readonly start: string;
  readonly end: string;
}

/** Who has which addresses of the subnet. */
export interface SubnetPlan {
  /** Of the machine, where its resolver listens. */
  readonly gateway: string;
  readonly ordinary: AddressRange;
  /** The last sixteenth. */
  readonly linkLocal: AddressRange;
  /** The same as a network. */
  readonly linkLocalNetwork: string;
}

/** Of a subnet that passed {@link Subnet}. */
export function planSubnet(subnet: string): SubnetPlan {
  const prefixLength = Number(subnet.split("/")[1]);
  const first = numberOf(firstOf(subnet));
  const size = 2 ** (32 - prefixLength);
  const share = size / 2 ** LINK_LOCAL_SHARE_BITS;
  const border = first + size - share;
  return {
    gateway: textOf(first + 1),
    ordinary: { start: textOf(first + 2), end: textOf(border - 1) },
    // The very last address is the broadcast's.
    linkLocal: { start: textOf(border), end: textOf(first + size - 2) },
    linkLocalNetwork: `${textOf(border)}/${prefixLength + LINK_LOCAL_SHARE_BITS}`,
  };
}

function isSubnet(text: string): boolean {
  const network = parseCidr(text);
  if (network?.family !== "ipv4") return false;
  const { ip, prefixLength } = network;
  if (prefixLength < SHORTEST_PREFIX || prefixLength > LONGEST_PREFIX) return false;
  return numberOf(ip) % 2 ** (32 - prefixLength) === 0;
}

function firstOf(subnet: string): string {
  return subnet.split("/")[0] ?? "";
}

function numberOf(ip: string): number {
  return ip.split(".").reduce((sum, byte) => sum * 256 + Number(byte), 0);
}

function textOf(address: number): string {
  return [24, 16, 8, 0].map((bits) => Math.floor(address / 2 ** bits) % 256).join(".");
}
