import { systemdConf } from "../../formats/systemd-conf.ts";
import { DEFAULT_SUBNET, planSubnet, type AddressRange } from "./subnet.ts";

/** Below `/run/ballast/etc`: where containerd finds the network of ordinary containers, and of those that may more. */
export const NETWORK_FOLDERS = { ordinary: "cni/net.d", linkLocal: "cni/link-local.d" } as const;

/** One bridge for all containers; the two networks differ in the addresses that they give, see {@link firewallRules}. */
export function networkConfig(subnet: string, kind: "ordinary" | "linkLocal"): string {
  const plan = planSubnet(subnet);
  const { start: rangeStart, end: rangeEnd }: AddressRange = plan[kind];
  const bridge = {
    type: "bridge",
    bridge: "ballast0",
    isGateway: true,
    // Another subnet than before takes the bridge over, also where the two overlap.
    forceAddress: true,
    ipMasq: true,
    hairpinMode: true,
    ipam: {
      type: "host-local",
      dataDir: "/run/cni/networks",
      ranges: [[{ subnet, gateway: plan.gateway, rangeStart, rangeEnd }]],
      routes: [{ dst: "0.0.0.0/0" }],
    },
  };
  const config = {
    cniVersion: "1.0.0",
    name: kind === "ordinary" ? "ballast" : "ballast-link-local",
    plugins: [
      bridge,
      { type: "portmap", capabilities: { portMappings: true } },
      { type: "firewall", backend: "iptables" },
    ],
  };
  return `${JSON.stringify(config, undefined, 1)}\n`;
}

/**
 * For iptables-restore, which makes the chain anew. It is asked before what the firewall plugin allows a container.
 * Link-local addresses are where clouds hand out the credentials of the machine; they are none of a workload's business,
 * unless an admin said so: then it has an address of the range that may. A container without NET_ADMIN cannot send from another.
 */
export function firewallRules(subnet: string): string {
  return [
    "*filter",
    ":CNI-ADMIN - [0:0]",
    `-A CNI-ADMIN -s ${planSubnet(subnet).linkLocalNetwork} -d 169.254.0.0/16 -j RETURN`,
    "-A CNI-ADMIN -d 169.254.0.0/16 -j REJECT",
    "COMMIT",
    "",
  ].join("\n");
}

/** Has the machine's resolver listen on the bridge too; for the default subnet the image says so. */
export function resolverFiles(subnet: string): Map<string, string> {
  if (subnet === DEFAULT_SUBNET) return new Map();
  const listener = ["DNSStubListenerExtra", planSubnet(subnet).gateway] as const;
  return new Map([["listener.conf", systemdConf([{ name: "Resolve", entries: [listener] }])]]);
}
