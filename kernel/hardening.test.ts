import { describe, expect, it } from "vitest";
import { parseConfig } from "./check-config.ts";
import { hardeningRules, type HardeningRule } from "./hardening-rules.ts";
import { describeHardeningFailure, hardeningFailures } from "./hardening.ts";

const rules: readonly HardeningRule[] = [
  { option: "STACKPROTECTOR", want: "y", reason: "overflows hit a canary" },
  { option: "MODULES", want: "n", reason: "no code enters after boot" },
  { option: "LSM", want: "*yama*", reason: "yama must start" },
  { option: "MODULE_SIG", want: "y", or: ["MODULES", "n"], reason: "modules are signed" },
  { option: "USER_NS", want: "n", reason: "smaller surface", waiver: "containers need it" },
];
const good = 'CONFIG_STACKPROTECTOR=y\nCONFIG_LSM="lockdown,yama"\nCONFIG_USER_NS=y\n';

function failing(text: string): string[] {
  return hardeningFailures(parseConfig(text), rules).map(({ rule }) => rule.option);
}

describe("hardeningFailures", () => {
  it("accepts a configuration that meets every rule or has a waiver", () => {
    expect(failing(good)).toEqual([]);
  });

  it("finds a missing defence and an opened door, with whatever depended on it", () => {
    expect(failing(good.replace("STACKPROTECTOR=y", "STACKPROTECTOR=n"))).toEqual([
      "STACKPROTECTOR",
    ]);
    expect(failing(`${good}CONFIG_MODULES=y\n`)).toEqual(["MODULES", "MODULE_SIG"]);
    expect(failing(`${good}CONFIG_MODULES=y\nCONFIG_MODULE_SIG=y\n`)).toEqual(["MODULES"]);
  });

  it("looks for whole names in a list", () => {
    expect(failing(good.replace("lockdown,yama", "lockdown,yamaha"))).toEqual(["LSM"]);
  });

  it("finds a waiver that is not needed any more", () => {
    const failures = hardeningFailures(parseConfig(good.replace("USER_NS=y", "USER_NS=n")), rules);
    expect(failures.map(describeHardeningFailure)).toEqual([
      'waiver of kernel option CONFIG_USER_NS is stale: it is "n" as wanted, so "containers need it" no longer holds',
    ]);
  });

  it("says what is wrong, what is wanted and why", () => {
    const failures = hardeningFailures(parseConfig(`${good}CONFIG_MODULES=y\n`), rules);
    expect(failures.map(describeHardeningFailure)[0]).toBe(
      'kernel option CONFIG_MODULES weakens the kernel: it is "y", wanted is "n" (no code enters after boot)',
    );
  });
});

describe("hardeningRules", () => {
  it("names each option once, but for lists", () => {
    const names = hardeningRules
      .filter(({ want }) => !want.startsWith("*"))
      .map((rule) => rule.option);
    expect(names.filter((name, index) => names.indexOf(name) !== index)).toEqual([]);
  });

  it("explains every rule and every waiver in words", () => {
    const texts = hardeningRules.flatMap(({ reason, waiver }) => [reason, waiver ?? reason]);
    expect(texts.filter((text) => text.split(" ").length < 2)).toEqual([]);
  });

  it("does not accept an empty configuration", () => {
    expect(hardeningFailures(new Map()).length).toBeGreaterThan(50);
  });
});
