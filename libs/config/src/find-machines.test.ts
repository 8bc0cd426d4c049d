import { describe, expect, it } from "vitest";
import { chooseMachine, findMachines } from "./find-machines.ts";
import { defineMachine, fromFile } from "./index.ts";

const machine = (hostname: string, name?: string) =>
  defineMachine({
    ...(name === undefined ? {} : { name }),
    settings: { network: { hostname } },
  });

function names(exports: object): string[] {
  return findMachines(exports).map(({ name }) => name);
}

describe("findMachines()", () => {
  it("takes machines, lists and tables of machines, and nothing else", () => {
    const exports = {
      pier: machine("a"),
      fleet: [machine("b"), machine("c", "own"), defineMachine({ settings: {} })],
      table: { quay: machine("d"), other: 1, deeper: { lost: machine("e") } },
      text: "x",
      make: machine,
      nothing: null,
    };
    expect(names(exports)).toEqual(["pier", "b", "own", "fleet-2", "quay"]);
  });

  it("does not fetch a host name for the sake of a name", () => {
    const deferred = defineMachine({ settings: { network: { hostname: fromFile("none") } } });
    expect(names({ fleet: [deferred] })).toEqual(["fleet-0"]);
  });

  it("refuses two machines of one name", () => {
    expect(() => findMachines({ fleet: [machine("a"), machine("a")] })).toThrow(
      'Cannot tell machines apart: two are named "a"',
    );
  });
});

describe("chooseMachine()", () => {
  const [one, two] = [machine("a"), machine("b")];

  it("takes the only one, or the named one", () => {
    expect(chooseMachine(findMachines({ one }), undefined).name).toBe("one");
    expect(chooseMachine(findMachines({ one, two }), "two").settings).toBe(two.settings);
  });

  it.each([
    [{}, undefined, "no machine is exported"],
    [{ one, two }, undefined, "2 are exported: one, two"],
    [{ one }, "three", '"three" is not among one'],
  ])("refuses to choose among %j by %j", (exports, name, reason) => {
    expect(() => chooseMachine(findMachines(exports), name)).toThrow(reason);
  });
});
