import { fail, judge, skip, type CisCheck, type Verdict } from "./cis-check.ts";
import type { FirewallRules } from "./firewall-rules.ts";
import type { FirewallProgram, MachineLook } from "./machine-look.ts";

interface Family {
  readonly name: "IPv4" | "IPv6";
  readonly section: string;
  readonly program: FirewallProgram;
  /** Addresses of the loopback interface, as iptables-save prints them. */
  readonly loopback: string;
}

const FAMILIES: readonly Family[] = [
  { name: "IPv4", section: "3.4.1", program: "iptables", loopback: "127.0.0.0/8" },
  { name: "IPv6", section: "3.4.2", program: "ip6tables", loopback: "::1/128" },
];

const CHAINS = ["INPUT", "FORWARD", "OUTPUT"];

/** Ballast has no filter of its own for the host: who owns the machine opens or closes the network around it. */
export const FIREWALL_CHECKS: readonly CisCheck[] = FAMILIES.flatMap((family) => [
  {
    id: `${family.section}.1`,
    title: `${family.name}: what no rule lets through is dropped`,
    level: 2,
    mode: "automatic",
    look: (machine) => defaultDeny(machine, family),
  },
  {
    id: `${family.section}.2`,
    title: `${family.name}: loopback traffic passes on lo and nowhere else`,
    level: 2,
    mode: "automatic",
    look: (machine) => loopback(machine, family),
  },
  {
    id: `${family.section}.3`,
    title: `${family.name}: outgoing and established connections are ruled`,
    level: 2,
    mode: "manual",
    look: (machine) => connections(machine, family),
  },
]);

async function defaultDeny(machine: MachineLook, { program }: Family): Promise<Verdict> {
  const { policies } = await machine.firewall(program);
  if (policies.size === 0) return fail("There is no table filter, so everything is let through.");
  const seen = CHAINS.map((chain) => `${chain} ${policies.get(chain) ?? "has no chain"}`);
  const isDenied = CHAINS.every((chain) => policies.get(chain) === "DROP");
  return judge(isDenied, `Policies of the table filter: ${seen.join(", ")}.`);
}

async function loopback(
  machine: MachineLook,
  { program, loopback: net }: Family,
): Promise<Verdict> {
  const { rules } = await machine.firewall(program);
  const accept = find(rules, ["-A", "INPUT", "-i", "lo", "-j", "ACCEPT"]);
  const drop = find(rules, ["-A", "INPUT", "-s", net, "-j", "DROP"]);
  const out = find(rules, ["-A", "OUTPUT", "-o", "lo", "-j", "ACCEPT"]);
  const missing = [
    ...(accept === -1 ? ["one that accepts input of lo"] : []),
    ...(drop === -1 ? [`one that drops other input from ${net}`] : []),
    ...(out === -1 ? ["one that accepts output to lo"] : []),
  ];
  if (missing.length > 0)
    return fail(`Among ${rules.length} rules is not ${missing.join(", nor ")}.`);
  return judge(
    accept < drop,
    `Rules ${accept + 1}, ${drop + 1} and ${out + 1} are about loopback.`,
  );
}

async function connections(machine: MachineLook, { program }: Family): Promise<Verdict> {
  const { rules } = await machine.firewall(program);
  return skip(`A person must judge the ${rules.length} rules of the table filter.`);
}

function find(rules: FirewallRules["rules"], wanted: readonly string[]): number {
  return rules.findIndex((rule) => rule.join(" ") === wanted.join(" "));
}
