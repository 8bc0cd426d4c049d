import { judge, type CisCheck, type Verdict } from "./cis-check.ts";
import type { MachineLook } from "./machine-look.ts";

interface Parameter {
  readonly name: string;
  readonly wanted: string;
  readonly families: readonly ("ipv4" | "ipv6")[];
  /**
   * Which interfaces count. For some parameters one interface that says yes is enough for the kernel, whatever `all` says;
   * for others `all` decides, and `default` what comes later.
   */
  readonly of: "each-interface" | "all-and-default";
}

function check(id: string, title: string, parameter: Parameter): CisCheck {
  const look = (machine: MachineLook): Promise<Verdict> => ofInterfaces(machine, parameter);
  return { id, title, level: 2, mode: "automatic", look };
}

export const NETWORK_CHECKS: readonly CisCheck[] = [
  check("3.1.1", "No redirects are sent", {
    name: "send_redirects",
    wanted: "0",
    families: ["ipv4"],
    of: "each-interface",
  }),
  check("3.2.1", "Packets that name their own route are refused", {
    name: "accept_source_route",
    wanted: "0",
    families: ["ipv4", "ipv6"],
    of: "all-and-default",
  }),
  check("3.2.2", "Redirects are not followed", {
    name: "accept_redirects",
    wanted: "0",
    families: ["ipv4", "ipv6"],
    of: "each-interface",
  }),
  check("3.2.3", "Redirects of known gateways are not followed either", {
    name: "secure_redirects",
    wanted: "0",
    families: ["ipv4"],
    of: "each-interface",
  }),
  check("3.2.4", "Packets with impossible addresses are logged", {
    name: "log_martians",
    wanted: "1",
    families: ["ipv4"],
    of: "all-and-default",
  }),
  single(
    "3.2.5",
    "Echo requests to broadcast addresses are ignored",
    "icmp_echo_ignore_broadcasts",
  ),
  single("3.2.6", "Bogus ICMP answers are ignored", "icmp_ignore_bogus_error_responses"),
  single("3.2.7", "SYN cookies are on", "tcp_syncookies"),
];

function single(id: string, title: string, name: string): CisCheck {
  return {
    id,
    title,
    level: 2,
    mode: "automatic",
    look: async (machine) => {
      const value = await machine.sysctl(`net/ipv4/${name}`);
      return judge(value === "1", `net.ipv4.${name} is ${value}.`);
    },
  };
}

async function ofInterfaces(
  machine: MachineLook,
  { name, wanted, families, of }: Parameter,
): Promise<Verdict> {
  const present = await machine.names("/proc/sys/net");
  const wrong: string[] = [];
  let count = 0;
  // A kernel without IPv6 has nothing to be told about it.
  for (const family of families.filter((one) => one === "ipv4" || present.includes(one))) {
    const conf = `net/${family}/conf`;
    const interfaces =
      of === "all-and-default" ? ["all", "default"] : await machine.names(`/proc/sys/${conf}`);
    for (const one of interfaces) {
      const value = await machine.sysctl(`${conf}/${one}/${name}`);
      count += 1;
      if (value !== wanted) wrong.push(`net.${family}.conf.${one}.${name} is ${value}`);
    }
  }
  return wrong.length === 0
    ? judge(count > 0, `${name} is ${wanted} in all ${count} places.`)
    : judge(false, `It must be ${wanted}, but ${wrong.join(", ")}.`);
}
