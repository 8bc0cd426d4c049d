import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parsePatch } from "../../patch.ts";
import { ntp } from "./ntp.ts";
import { optionWords } from "./source-options.ts";

function rendered(value: Partial<typeof ntp.defaults>): string | undefined {
  return ntp.services[0]?.files[0]?.render({ ...ntp.defaults, ...value });
}

describe("settings.ntp", () => {
  it.each([
    { "time-servers": [] },
    { "time-servers": ["time.example.org", "192.0.2.123", "2001:db8::123"] },
    { options: ["minpoll 4", "maxpoll 6", "nts", "prefer", "offset -0.25", "port 1123"] },
    { options: ["minpoll", "4", "xleave"] },
    { options: ["iburst"] },
  ])("takes %j", (value) => {
    expect(parsePatch({ ntp: value }).ok).toBe(true);
  });

  it.each([
    [{ "time-servers": "time.example.org" }, "ntp.time-servers"],
    [{ "time-servers": ["http://time.example.org"] }, "ntp.time-servers.0"],
    [{ "time-servers": ["time.example.org iburst"] }, "ntp.time-servers.0"],
    [{ "time-servers": ["a\nserver b"] }, "ntp.time-servers.0"],
    [{ "time-servers": ["192.0.2.300"] }, "ntp.time-servers.0"],
    [{ "time-servers": [""] }, "ntp.time-servers.0"],
    [{ "time-servers": Array.from({ length: 17 }, () => "a") }, "ntp.time-servers"],
    [{ options: ["bogus"] }, "ntp.options"],
    [{ options: ["minpoll"] }, "ntp.options"],
    [{ options: ["minpoll 25"] }, "ntp.options"],
    [{ options: ["minpoll 1.5"] }, "ntp.options"],
    [{ options: ["minpoll  4"] }, "ntp.options"],
    [{ options: ["port 0"] }, "ntp.options"],
    [{ options: ["nts\nserver a"] }, "ntp.options"],
    [{ options: ["key 1"] }, "ntp.options"],
    [{ options: ["offline"] }, "ntp.options"],
    [{ options: [""] }, "ntp.options"],
    [{ options: ["x".repeat(65)] }, "ntp.options.0"],
  ])("refuses %j", (value, key) => {
    const result = parsePatch({ ntp: value });
    expect(result.ok ? undefined : result.issues[0]?.key).toBe(key);
  });

  it("asks a pool unless told", () => {
    expect(rendered({})).toBe("pool pool.ntp.org iburst\n");
  });

  it("gives every server every option", () => {
    const value = { "time-servers": ["192.0.2.123", "t.org"], options: ["iburst", "minpoll 4"] };
    expect(rendered(value)).toBe(
      "server 192.0.2.123 iburst minpoll 4\npool t.org iburst minpoll 4\n",
    );
    expect(rendered({ "time-servers": [] })).toBe("");
  });

  it("has one line for each server and no option but those given", () => {
    const word = fc.constantFrom("nts", "minpoll", "4", "-1", "0.5", "port", "#", "prefer", "a b");
    fc.assert(
      fc.property(fc.array(word, { maxLength: 6 }), (options) => {
        if (optionWords(options) === undefined) return;
        const text = rendered({ "time-servers": ["a", "b"], options });
        const expected = ["iburst", ...options].join(" ");
        expect(text).toBe(`pool a ${expected}\npool b ${expected}\n`);
      }),
    );
  });
});
