import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { explainKey } from "./explain.ts";
import { nearKeys } from "./near-keys.ts";

describe("nearKeys()", () => {
  it.each([
    ["network.hostnmae", ["network.hostname"]],
    ["settings.motdd", ["motd"]],
    ["hostnam", ["network.hostname"]],
    ["network.host", ["network.hostname", "network.hosts"]],
    ["container.web.imag", ["containers.web.image"]],
    ["web.image", ["containers.web.image"]],
    ["contaners", ["containers"]],
    ["image", ["containers.<name>.image", "container-runtime.image-disk-budget"]],
    ["nothing.at.all", []],
    ["", []],
  ])("%s", (key, keys) => {
    expect(nearKeys(key).slice(0, 2)).toEqual(keys);
  });

  it("does not look at what nobody has meant", () => {
    expect(nearKeys("motd".padEnd(129, "."))).toEqual([]);
  });

  it("gives only keys that are known, whatever is asked", () => {
    const name = fc.oneof(fc.constantFrom("__proto__", "motd", "network", ""), fc.string());
    fc.assert(
      fc.property(fc.array(name, { maxLength: 5 }), (names) => {
        for (const key of nearKeys(names.join("."))) expect(explainKey(key).found).toBe(true);
      }),
    );
  });
});
