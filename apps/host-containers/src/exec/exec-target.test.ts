import { describe, expect, it } from "vitest";
import {
  chooseContainer,
  parseTarget,
  type FoundContainer,
  type Kind,
  type Lookup,
} from "./exec-target.ts";

const web: FoundContainer = { kind: "workload", name: "web", id: "1" };

describe("the container of a command", () => {
  it("is named with or without its kind", () => {
    expect(parseTarget("web")).toEqual({ kinds: ["workload", "host", "bootstrap"], name: "web" });
    expect(parseTarget("host/web")).toEqual({ kinds: ["host"], name: "web" });
    for (const bad of ["", "/web", "pod/web", "host/", "../web", "Web", "web\n", "a".repeat(64)])
      expect(parseTarget(bad)).toBeUndefined();
  });

  it("is the only one of its name, and runs", () => {
    expect(chooseContainer("web", new Map([["workload", web]]))).toBe(web);
    expect(chooseContainer("web", new Map([["host", "absent"]]))).toMatchObject({ code: 4404 });
    expect(chooseContainer("web", new Map([["host", "stopped"]]))).toMatchObject({ code: 4409 });
    const both = new Map<Kind, Lookup>([
      ["workload", web],
      ["host", "stopped"],
    ]);
    expect(chooseContainer("web", both)).toEqual({
      code: 4409,
      reason: "There is more than one: say workload/web or host/web",
    });
  });
});
