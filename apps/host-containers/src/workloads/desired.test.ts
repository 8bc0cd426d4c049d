import { inspect } from "node:util";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseDesired, workloadHash } from "./desired.ts";
import { NETWORK, specOf, workloadOf } from "./workload.fixture.ts";
import type { WorkloadSpec } from "./workload.ts";

describe("parseDesired()", () => {
  it("gives what is enabled", () => {
    const containers = { web: specOf(), off: specOf({ enabled: false }) };
    const [web, ...more] = parseDesired(JSON.stringify({ network: NETWORK, containers }), "f");
    expect(more).toEqual([]);
    expect(web).toEqual(workloadOf("web"));
    const other = { subnet: "10.1.0.0/16", resolver: "10.1.0.1" };
    expect(parseDesired(JSON.stringify({ network: other, containers }), "f")[0]?.hash).not.toBe(
      web?.hash,
    );
  });

  it.each([
    ['{"containers": {"web": {"TOKEN": "secr3t"', "it is not JSON"],
    ["[]", 'it has no "containers"'],
    ['{"containers": []}', 'it has no "containers"'],
    ['{"containers": {}}', 'it has no "network"'],
    [
      `{"network": ${JSON.stringify(NETWORK)}, "containers": {"web": "secr3t"}}`,
      'container "web" is not one',
    ],
    [
      `{"network": ${JSON.stringify(NETWORK)}, "containers": {"web": {"image": "secr3t"}}}`,
      'container "web" is not one',
    ],
  ])("refuses %s without telling what it holds", (text, reason) => {
    let error: unknown;
    try {
      parseDesired(text, "/f");
    } catch (thrown) {
      error = thrown;
    }
    expect(error).toMatchObject({
      code: "host-containers.bad-config",
      message: `Cannot read "/f": ${reason}`,
    });
    expect(inspect(error, { depth: 9 })).not.toContain("secr3t");
  });
});

describe("workloadHash()", () => {
  const hash = (spec: WorkloadSpec): string => workloadHash(spec, NETWORK);

  it("does not depend on the order of keys, and on everything else", () => {
    const values = fc.dictionary(fc.string({ minLength: 1 }), fc.string(), { maxKeys: 5 });
    fc.assert(
      fc.property(values, values, (env, other) => {
        const turned = Object.fromEntries(Object.entries(env).toReversed());
        expect(hash(specOf({ env: turned }))).toBe(hash(specOf({ env })));
        const isSame = JSON.stringify(sorted(env)) === JSON.stringify(sorted(other));
        expect(hash(specOf({ env: other })) === hash(specOf({ env }))).toBe(isSame);
      }),
    );
    expect(hash(specOf({ args: ["a", "b"] }))).not.toBe(hash(specOf({ args: ["b", "a"] })));
    expect(hash(specOf({ "secret-env": { A: "1" } }))).not.toBe(hash(specOf({ env: { A: "1" } })));
  });

  it("is of what a container is made from, not of what the manager goes by", () => {
    const health = { ...specOf().health, port: 80 };
    expect(hash(specOf({ health, requires: ["db"] }))).toBe(hash(specOf()));
  });
});

function sorted(values: Readonly<Record<string, string>>) {
  return Object.entries(values).toSorted(([a], [b]) => (a < b ? -1 : 1));
}
