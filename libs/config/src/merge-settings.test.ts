import { expect, it } from "vitest";
import { fromEnv, mergeSettings } from "./index.ts";

it("merges tables, replaces values, and keeps what it was given", () => {
  const base = { motd: "a", health: { web: { unit: "web.service", "timeout-seconds": 3 } } };
  const secret = fromEnv("X");
  const merged = mergeSettings(
    base,
    { motd: secret, health: { db: { tcp: "db:1" } } },
    { motd: undefined, health: { web: { "timeout-seconds": 4 } } },
  );
  expect(merged).toEqual({
    motd: secret,
    health: { web: { unit: "web.service", "timeout-seconds": 4 }, db: { tcp: "db:1" } },
  });
  expect(base.health.web["timeout-seconds"]).toBe(3);
});

it("replaces a deferred text as a whole", () => {
  expect(mergeSettings({ motd: fromEnv("A") }, { motd: fromEnv("B") })).toEqual({
    motd: fromEnv("B"),
  });
});

it("does not reach into prototypes", () => {
  const hostile: object = JSON.parse('{"__proto__": {"polluted": true}}');
  mergeSettings({}, hostile, hostile);
  expect({}).not.toHaveProperty("polluted");
});
