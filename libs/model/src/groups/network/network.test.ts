import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { sysctlAssignment } from "../../formats/sysctl.ts";
import { Hostname } from "./hostname.ts";
import { network } from "./network.ts";

describe("Hostname", () => {
  it.each([
    "a",
    "0",
    "web-1",
    "web-1.example.org",
    "a-",
    "a".repeat(63),
    `${"a".repeat(32)}.${"b".repeat(31)}`,
  ])("takes %j", (name) => {
    expect(Hostname.safeParse(name).success).toBe(true);
  });

  it.each([
    "",
    "A",
    "-a",
    "a.-b",
    "a..b",
    ".a",
    "a.",
    "a_b",
    "a b",
    "a\n",
    "a".repeat(64),
    `${"a".repeat(60)}.${"b".repeat(5)}`,
  ])("refuses %j", (name) => {
    expect(Hostname.safeParse(name).success).toBe(false);
  });
});

describe("files of network", () => {
  it("hold the name alone on its line", () => {
    const texts = network.services[0]?.files.map((file) => [
      file.path,
      file.render({ ...network.defaults, hostname: "web-1" }),
    ]);
    expect(texts).toEqual([
      ["hostname", "web-1\n"],
      ["sysctl-hostname.conf", "kernel.hostname = web-1\n"],
    ]);
  });

  it("are one line each for every name that the schema takes", () => {
    const anyText = fc.string({ unit: "binary", maxLength: 70 });
    const anyName = fc.oneof(anyText, fc.stringMatching(/^[a-z0-9.\n -]{1,20}$/));
    const isOneLine = fc.property(anyName, (name) => {
      if (!Hostname.safeParse(name).success) return;
      for (const file of network.services[0]?.files ?? [])
        expect(file.render({ ...network.defaults, hostname: name }).split("\n")).toHaveLength(2);
    });
    fc.assert(isOneLine);
  });
});

describe("sysctlAssignment()", () => {
  it.each(["a\nkernel.modules_disabled = 1", "", " a", "a\u0000"])(
    "refuses the value %j",
    (value) => {
      expect(() => sysctlAssignment("kernel.hostname", value)).toThrow("kernel.hostname");
    },
  );
});
