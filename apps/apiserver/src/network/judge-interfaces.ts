import { interfaceFile, type Settings } from "@ballast/model";
import type { InterfaceState } from "./interface-states.ts";

type Interfaces = Settings["network"]["interfaces"];
type Interface = Interfaces[string];

const NO_LINK: ReadonlySet<string> = new Set(["off", "no-carrier", "dormant", "missing"]);

/**
 * What is not as the settings want it, one sentence each. An optional interface may be absent, without a link or without
 * an address; no interface may be refused by networkd.
 */
export function judgeInterfaces(
  interfaces: Interfaces,
  states: readonly InterfaceState[],
): string[] {
  const joined = new Set(Object.values(interfaces).flatMap(({ bond }) => bond.interfaces ?? []));
  return Object.entries(interfaces).flatMap(([name, value]) => {
    const state = states.find(({ file }) => file === interfaceFile(name));
    const problem = judgeOne(value, state, joined.has(name));
    return problem === undefined ? [] : [`${name} ${problem}`];
  });
}

function judgeOne(
  value: Interface,
  state: InterfaceState | undefined,
  isJoined: boolean,
): string | undefined {
  if (state === undefined) {
    if (value.optional) return undefined;
    return value.mac === undefined ? "does not exist" : "does not exist: no card has its address";
  }
  if (state.setup === "failed") return "could not be set up";
  // The bond says whether enough of its links are there.
  if (value.optional || isJoined) return undefined;
  if (NO_LINK.has(state.operational)) return "has no link";
  if (state.setup === "configured") return undefined;
  return value.dhcp4 || value.dhcp6
    ? "is not configured: DHCP or a router has not answered"
    : "is not configured";
}
