// Whether a configuration complies. Every deviation fails the build, and so does a waiver that the
// configuration no longer needs: a waiver is a statement about the kernel.

import { hardeningRules, type HardeningRule } from "./hardening-rules.ts";

export type HardeningFailure = { readonly rule: HardeningRule; readonly actual: string };

export function hardeningFailures(
  config: ReadonlyMap<string, string>,
  rules: readonly HardeningRule[] = hardeningRules,
): HardeningFailure[] {
  return rules
    .filter((rule) => isMet(rule, config) === (rule.waiver !== undefined))
    .map((rule) => ({ rule, actual: config.get(rule.option) ?? "n" }));
}

export function describeHardeningFailure({ rule, actual }: HardeningFailure): string {
  const { option, want, reason, waiver } = rule;
  if (waiver !== undefined) {
    return `waiver of kernel option CONFIG_${option} is stale: it is "${actual}" as wanted, so "${waiver}" no longer holds`;
  }
  return `kernel option CONFIG_${option} weakens the kernel: it is "${actual}", wanted is "${want}" (${reason})`;
}

function isMet({ option, want, or }: HardeningRule, config: ReadonlyMap<string, string>): boolean {
  return has(config, option, want) || (or !== undefined && has(config, or[0], or[1]));
}

function has(config: ReadonlyMap<string, string>, option: string, want: string): boolean {
  const actual = config.get(option) ?? "n";
  const member = /^\*(.+)\*$/.exec(want)?.[1];
  return member === undefined ? actual === want : actual.split(",").includes(member);
}
