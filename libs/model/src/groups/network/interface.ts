import * as z from "zod";
import { namedMap } from "../../named-map.ts";
import { Cidr, IpAddress, MacAddress } from "./address.ts";

const BOND_MODES = [
  "active-backup",
  "balance-rr",
  "balance-xor",
  "broadcast",
  "802.3ad",
  "balance-tlb",
  "balance-alb",
] as const;

/** What the kernel and systemd take as the name of an interface (`IFNAMSIZ`), and can stand in a file's name. */
export const InterfaceName = z
  .string()
  .regex(/^(?!(?:all|default|lo|\d+)$)[A-Za-z0-9][A-Za-z0-9._-]{0,14}$/, {
    error:
      "must be named by 1 to 15 letters, digits, '.', '_' or '-', not only digits, and not lo, all or default",
  });

const Route = z.strictObject({
  to: z.union([z.literal("default"), Cidr], {
    error: 'must be "default" or a network, for example 192.0.2.0/24',
  }),
  via: IpAddress.optional(),
  from: IpAddress.optional(),
  metric: wholeNumber(1, 4_294_967_295).optional(),
});

// A table below a map always exists, so that what it must hold is a rule (interface-rules.ts) and not a type.
const Vlan = z.strictObject({
  device: InterfaceName.meta({
    description:
      "Interface that carries the VLAN; one that is not listed itself keeps asking by DHCP.",
    example: "eth0",
  }).optional(),
  id: wholeNumber(1, 4094)
    .meta({ description: "Number of the VLAN; makes the interface a VLAN.", example: 20 })
    .optional(),
});

const Bond = z.strictObject({
  mode: z
    .enum(BOND_MODES, { error: `must be one of ${BOND_MODES.join(", ")}` })
    .meta({
      description: "How the interfaces share the work; `active-backup` when not set.",
      example: "802.3ad",
    })
    .optional(),
  interfaces: z
    .array(InterfaceName)
    .min(1, { error: "must have at least 1 entry" })
    .max(16, { error: "must have at most 16 entries" })
    .meta({
      description: "Interfaces that are joined; makes the interface a bond.",
      example: ["eth0", "eth1"],
    })
    .optional(),
  "miimon-ms": wholeNumber(10, 60_000)
    .meta({
      description:
        "Milliseconds between looks at the links of the joined interfaces; 100 when not set.",
      example: 200,
    })
    .optional(),
  "min-links": wholeNumber(1, 16)
    .meta({ description: "Links that must be up for the bond to be up.", example: 1 })
    .optional(),
});

const Interface = z.strictObject({
  mac: MacAddress.meta({
    description:
      "Permanent address of the network card; then the name below `interfaces` is only a label.",
    example: "52:54:00:12:34:56",
  }).optional(),
  dhcp4: z
    .boolean()
    .meta({ description: "Whether to ask for an IPv4 address by DHCP.", example: true }),
  dhcp6: z.boolean().meta({
    description: "Whether to take IPv6 addresses and routes by router advertisement and DHCPv6.",
    example: true,
  }),
  addresses: z
    .array(Cidr)
    .max(64, { error: "must have at most 64 entries" })
    .meta({
      description: "Addresses of both families, each with the length of its network.",
      example: ["192.0.2.7/24", "2001:db8::7/64"],
    }),
  routes: z
    .array(Route)
    .max(256, { error: "must have at most 256 entries" })
    .meta({
      description:
        "Routes: where `to` (or `default`), `via` which router, `from` which address, and `metric`.",
      example: [{ to: "default", via: "192.0.2.1" }],
    }),
  mtu: wholeNumber(576, 65_535)
    .meta({ description: "Largest packet in bytes.", example: 9000 })
    .optional(),
  primary: z.boolean().meta({
    description: "Whether default routes of this interface are preferred to those of others.",
    example: true,
  }),
  optional: z.boolean().meta({
    description: "Whether the machine is in order also without a link or an address here.",
    example: true,
  }),
  vlan: Vlan.meta({ description: "A VLAN on another interface, when `device` and `id` are set." }),
  bond: Bond.meta({ description: "Several interfaces as one, when `interfaces` is set." }),
});
export type Interface = z.output<typeof Interface>;
export type Interfaces = Readonly<Record<string, Interface>>;

export const InterfaceMap = namedMap({
  entry: Interface,
  name: InterfaceName,
  defaults: {
    dhcp4: false,
    dhcp6: false,
    addresses: [],
    routes: [],
    primary: false,
    optional: false,
  },
}).meta({
  description:
    "Network interfaces by name; those that are not listed ask by DHCP and router advertisement.",
});

function wholeNumber(min: number, max: number) {
  return z
    .int({ error: "must be a whole number" })
    .min(min, { error: `must be at least ${min}` })
    .max(max, { error: `must be at most ${max}` });
}
