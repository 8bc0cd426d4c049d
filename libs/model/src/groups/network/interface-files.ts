import { systemdConf, type ConfSection } from "../../formats/systemd-conf.ts";
import { bondOfMember, isBond, isVlan } from "./interface-rules.ts";
import type { Interface, Interfaces } from "./interface.ts";

/** Before the image's 80-dhcp.network: of the files that match an interface networkd takes the first by name. */
const ORDER = "10";
/** networkd gives 1024; the smaller number wins. */
const PRIMARY_METRIC = 100;
const DEFAULT_MIIMON_MS = 100;

/** A physical interface that something else stands on although no setting names it. */
const UNLISTED: Interface = {
  dhcp4: false,
  dhcp6: false,
  addresses: [],
  routes: [],
  primary: false,
  optional: false,
  vlan: {},
  bond: {},
};

/** Name of the .network file of an interface. */
export function interfaceFile(name: string): string {
  return `${ORDER}-${name}.network`;
}

/** Files of systemd.network(5) and systemd.netdev(5), by name. */
export function renderInterfaces(interfaces: Interfaces): Map<string, string> {
  const members = bondOfMember(interfaces);
  const all = new Map([...unlisted(interfaces, members), ...Object.entries(interfaces)]);
  const files = new Map<string, string>();
  for (const [name, value] of all) {
    if (isVlan(value) || isBond(value))
      files.set(`${ORDER}-${name}.netdev`, systemdConf(netdev(name, value)));
    const vlans = [...all].filter(([, { vlan }]) => vlan.device === name).map(([vlan]) => vlan);
    const bond = members.get(name);
    const comments = [...vlans, ...(bond === undefined ? [] : [bond])].flatMap((device) =>
      definition(device, all.get(device)),
    );
    const sections = network(name, value, { vlans, bond, comments });
    files.set(interfaceFile(name), systemdConf(sections));
  }
  return new Map([...files].toSorted(([left], [right]) => (left < right ? -1 : 1)));
}

/** The interfaces below VLANs and bonds; one that carries VLANs goes on asking by DHCP, as every unlisted one does. */
function unlisted(
  interfaces: Interfaces,
  members: ReadonlyMap<string, string>,
): Map<string, Interface> {
  const carriers = Object.values(interfaces).flatMap(({ vlan }) => vlan.device ?? []);
  return new Map([
    ...[...members.keys()].map((name) => [name, UNLISTED] as const),
    ...carriers.map((name) => [name, { ...UNLISTED, dhcp4: true, dhcp6: true }] as const),
  ]);
}

function netdev(name: string, { vlan, bond }: Interface): ConfSection[] {
  if (vlan.id !== undefined)
    return [
      {
        name: "NetDev",
        entries: [
          ["Name", name],
          ["Kind", "vlan"],
        ],
      },
      { name: "VLAN", entries: [["Id", vlan.id]] },
    ];
  return [
    {
      name: "NetDev",
      entries: [
        ["Name", name],
        ["Kind", "bond"],
      ],
    },
    {
      name: "Bond",
      entries: [
        ["Mode", bond.mode ?? "active-backup"],
        ["MIIMonitorSec", `${bond["miimon-ms"] ?? DEFAULT_MIIMON_MS}ms`],
        ["MinLinks", bond["min-links"]],
      ],
    },
  ];
}

/**
 * What a device on top of this interface is, in words. networkd sets an interface up anew only when its own file changed,
 * and must do so when the device is another one than before.
 */
function definition(name: string, value: Interface | undefined): string[] {
  if (value === undefined) return [];
  const entries = netdev(name, value).flatMap((section) => section.entries);
  const words = entries.flatMap(([key, text]) =>
    text === undefined || key === "Name" ? [] : [`${key}=${text}`],
  );
  return [`${name}: ${words.join(" ")}`];
}

interface Ties {
  /** VLANs that the interface carries. */
  readonly vlans: readonly string[];
  /** The bond that it is joined into. */
  readonly bond: string | undefined;
  readonly comments: readonly string[];
}

function network(name: string, value: Interface, { vlans, bond, comments }: Ties): ConfSection[] {
  const { mac, mtu, optional, addresses } = value;
  const matchAndLink: ConfSection[] = [
    { name: "Match", entries: [mac === undefined ? ["Name", name] : ["PermanentMACAddress", mac]] },
    {
      name: "Link",
      entries: [
        ["MTUBytes", mtu],
        ["RequiredForOnline", optional ? false : undefined],
      ],
    },
  ];
  if (bond !== undefined)
    return [...matchAndLink, { name: "Network", comments, entries: [["Bond", bond]] }];
  const metric = value.primary ? PRIMARY_METRIC : undefined;
  return [
    ...matchAndLink,
    {
      name: "Network",
      comments,
      entries: [
        ["DHCP", dhcp(value)],
        ["IPv6AcceptRA", value.dhcp6],
        ["IPv6PrivacyExtensions", false],
        ...addresses.map((address) => ["Address", address] as const),
        ...vlans.map((vlan) => ["VLAN", vlan] as const),
      ],
    },
    ...value.routes.map((route): ConfSection => ({
      name: "Route",
      entries: [
        ["Destination", route.to === "default" ? everywhere(route.via) : route.to],
        ["Gateway", route.via],
        ["PreferredSource", route.from],
        ["Metric", route.metric ?? (route.to === "default" ? metric : undefined)],
      ],
    })),
    {
      name: "DHCPv4",
      entries: value.dhcp4
        ? [
            ["UseHostname", false],
            ["RouteMetric", metric],
          ]
        : [],
    },
    { name: "DHCPv6", entries: value.dhcp6 ? [["UseHostname", false]] : [] },
    { name: "IPv6AcceptRA", entries: value.dhcp6 ? [["RouteMetric", metric]] : [] },
  ];
}

function dhcp({ dhcp4, dhcp6 }: Interface): string {
  if (dhcp4) return dhcp6 ? "yes" : "ipv4";
  return dhcp6 ? "ipv6" : "no";
}

function everywhere(via: string | undefined): string {
  return via?.includes(":") === true ? "::/0" : "0.0.0.0/0";
}
