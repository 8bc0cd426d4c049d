import { describe, expect, it } from "vitest";
import { metrics } from "./metrics.ts";

describe("settings.metrics", () => {
  it("is off, and on loopback alone when it is only turned on", () => {
    expect(metrics.defaults).toEqual({ enabled: false, address: "127.0.0.1", port: 9464 });
  });

  it.each([
    { address: "localhost" },
    { address: "192.0.2.7:9464" },
    { address: "fe80::1%eth0" },
    { port: 0 },
    { port: 65_536 },
    { port: 94.64 },
    { path: "/metrics" },
  ])("refuses %o", (change) => {
    expect(metrics.schema.safeParse({ ...metrics.defaults, ...change }).success).toBe(false);
  });

  it.each(["::", "0.0.0.0", "2001:db8::7"])("takes the address %s", (address) => {
    expect(metrics.schema.safeParse({ ...metrics.defaults, address }).success).toBe(true);
  });
});
