import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { hostsFile } from "./hosts.ts";

describe("hostsFile()", () => {
  it("writes an address and its names on each line", () => {
    const lines = [
      { ip: "192.0.2.1", names: ["a.example.org", "a"] },
      { ip: "2001:db8::1", names: ["b"] },
    ];
    expect(hostsFile(lines)).toBe("192.0.2.1 a.example.org a\n2001:db8::1 b\n");
  });

  it.each([
    { ip: "192.0.2", names: ["a"] },
    { ip: "fe80::1%eth0", names: ["a"] },
    { ip: "192.0.2.1 evil", names: ["a"] },
    { ip: "192.0.2.1", names: [] },
    { ip: "192.0.2.1", names: ["a b"] },
    { ip: "192.0.2.1", names: ["a#"] },
    { ip: "192.0.2.1", names: ["a\n192.0.2.2"] },
    { ip: "192.0.2.1", names: [""] },
  ])("refuses %j", (line) => {
    expect(() => hostsFile([line])).toThrow("Cannot write");
  });

  it("has one line for each entry, whatever the names, or none", () => {
    const name = fc.oneof(fc.string({ unit: "binary" }), fc.stringMatching(/^[a-z.#\t\n -]{0,9}$/));
    fc.assert(
      fc.property(fc.array(name, { maxLength: 4 }), (names) => {
        let text: string;
        try {
          text = hostsFile([{ ip: "192.0.2.1", names }]);
        } catch {
          return;
        }
        const read = text.replaceAll(/#.*/g, "").trimEnd().split(/\s+/);
        expect(read).toEqual(["192.0.2.1", ...names]);
      }),
    );
  });
});
