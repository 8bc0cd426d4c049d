import * as fc from "fast-check";
import { expect, it } from "vitest";
import { hostsText } from "./hosts-text.ts";

const MACHINE = "127.0.0.1 localhost\n::1 localhost ip6-localhost\n\n10.0.0.1 Db.lab DB # web\n";

function linesOf(text: string): string[] {
  return text
    .split("\n")
    .slice(0, -1)
    .map((line) => line.trimEnd());
}

it("has what the machine knows, then the containers by name", () => {
  const containers = [
    { name: "web", address: "10.88.0.3" },
    { name: "app", address: "10.88.0.2" },
  ];
  expect(linesOf(hostsText(MACHINE, containers))).toEqual([
    "127.0.0.1 localhost",
    "::1 localhost ip6-localhost",
    "10.0.0.1 Db.lab DB # web",
    "10.88.0.2 app",
    "10.88.0.3 web",
  ]);
});

it("leaves the machine the names that it has", () => {
  const named = (name: string) => ({ name, address: "10.88.0.2" });
  expect(linesOf(hostsText(MACHINE, ["localhost", "db"].map(named)))).toHaveLength(3);
});

it("shows whole lines, wherever a page of the old text meets one of the new", () => {
  const name = fc.stringMatching(/^[a-z0-9][a-z0-9-]{0,62}$/);
  const named = fc.record({ name, address: fc.ipV4() });
  const list = fc.uniqueArray(named, { selector: (one) => one.name, maxLength: 128 });
  fc.assert(
    fc.property(
      list,
      list,
      fc.array(fc.boolean(), { minLength: 8, maxLength: 8 }),
      (a, b, isNew) => {
        const machine = "127.0.0.1 localhost\n";
        const [before, after] = [hostsText(machine, a), hostsText(machine, b)];
        const page = (text: string, at: number) => text.slice(at * 4096, (at + 1) * 4096);
        const mixed = isNew.map((one, at) => page(one ? after : before, at)).join("");
        const known = new Set([...linesOf(before), ...linesOf(after)]);
        expect(linesOf(mixed).filter((line) => !known.has(line))).toEqual([]);
      },
    ),
  );
});
