import { createMemoryFs, createNodeClock } from "@ballast/system";
import { describe, expect, it } from "vitest";
import type { Metadata } from "../metadata/metadata-service.ts";
import { ec2Hostname, hostnameOf } from "./ec2-hostname.ts";
import type { GeneratorEffect } from "./generator-effect.ts";
import { runGenerators } from "./run-generators.ts";
import { updateSeed } from "./update-seed.ts";

const SECONDS_OF_HANGING = 60;
const forever = (): Promise<never> => new Promise(() => undefined);

async function run(
  seed: GeneratorEffect["make"],
  name: GeneratorEffect["make"],
  stop?: AbortSignal,
) {
  return runGenerators(
    ["update-seed", "ec2-hostname"],
    { "update-seed": { limitMs: 100, make: seed }, "ec2-hostname": { limitMs: 100, make: name } },
    createNodeClock(),
    stop ?? new AbortController().signal,
  );
}

describe("runGenerators()", () => {
  it("gives what each made", async () => {
    const results = await run(
      async () => ({ value: 7 }),
      async () => ({ none: "not here" }),
    );
    expect(results).toEqual([
      { name: "update-seed", outcome: "value", value: 7, duration_ms: expect.any(Number) },
      {
        name: "ec2-hostname",
        outcome: "none",
        reason: "not here",
        duration_ms: expect.any(Number),
      },
    ]);
  });

  it.each([
    ["hangs and does not listen", forever, "took longer than 0.1 s"],
    ["fails", () => Promise.reject(new Error("why")), "why"],
    [
      "fails at once",
      () => {
        throw new Error("at once");
      },
      "at once",
    ],
    [
      "fails when it is stopped",
      (signal: AbortSignal) =>
        createNodeClock()
          .sleep(SECONDS_OF_HANGING * 1000, signal)
          .then(forever),
      "took longer",
    ],
  ])("goes on when one %s", async (_name, bad, reason) => {
    const results = await run(bad, async () => ({ value: "harbour" }));
    expect(results).toMatchObject([
      { outcome: "failed", reason: expect.stringContaining(reason) },
      { outcome: "value", value: "harbour" },
    ]);
  });

  it("ends with the program", async () => {
    const stop = new AbortController();
    const results = run(forever, forever, stop.signal);
    stop.abort(new Error("stopped"));
    await expect(results).rejects.toThrow("stopped");
  });
});

describe("updateSeed", () => {
  it("is another number each time", async () => {
    const signal = new AbortController().signal;
    const made = await Promise.all(Array.from({ length: 8 }, () => updateSeed.make(signal)));
    expect(new Set(made.map((one) => JSON.stringify(one))).size).toBe(8);
  });
});

describe("ec2Hostname()", () => {
  const metadata: Metadata = {
    get: async (path) => ({ found: true, bytes: Buffer.from(`${path}\n`) }),
  };

  it("is the name that EC2 gives, and asks nobody elsewhere", async () => {
    const signal = new AbortController().signal;
    const vendor = (name: string) =>
      createMemoryFs({ "/sys/class/dmi/id/sys_vendor": `${name}\n` });
    const make = (name: string, service: Metadata) =>
      ec2Hostname(vendor(name), service).make(signal);
    expect(await make("Amazon EC2", metadata)).toEqual({
      value: "/latest/meta-data/local-hostname",
    });
    const off: Metadata = { get: async () => ({ found: false, reason: "off" }) };
    expect(await make("Amazon EC2", off)).toEqual({ none: "off" });
    for (const name of ["QEMU", "Amazon EC2 clone", "amazon ec2", "Xen"])
      expect(await make(name, { get: () => Promise.reject(new Error("asked")) })).toHaveProperty(
        "none",
      );
  });

  it.each([
    ["ip-10-0-0-7.eu-west-1.compute.internal", "ip-10-0-0-7.eu-west-1.compute.internal"],
    ["IP-10-0-0-7.Example.org example.net\n", "ip-10-0-0-7.example.org"],
    [`ip-10-0-0-7.${"long-domain.".repeat(6)}org`, "ip-10-0-0-7"],
    ["", ""],
  ])("makes of %j the name %j", (text, name) => {
    expect(hostnameOf(text)).toBe(name);
  });
});
