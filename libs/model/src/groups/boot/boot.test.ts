import { expect, it } from "vitest";
import { boot } from "./boot.ts";

it("boot.trial-limit replaces the unit's own limit and adds none", () => {
  const text = boot.services[0]?.files[0]?.render({ ...boot.defaults, "trial-limit": 90 });
  expect(text).toBe("[Timer]\nOnBootSec=\nOnBootSec=90s\n");
});

it.each([59, 3601, 60.5, "60"])("boot.trial-limit refuses %j", (limit) => {
  expect(boot.schema.safeParse({ ...boot.defaults, "trial-limit": limit }).success).toBe(false);
});
