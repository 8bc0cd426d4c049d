import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createContext, type Context } from "@ballast/harness";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

const KERNEL = join(import.meta.dirname, "../../../kernel");

let context: Context;
let out: string;

beforeAll(async () => {
  out = await mkdtemp(join(tmpdir(), "ballast-selector-"));
  context = await createContext(KERNEL, process.env, out);
}, 600_000);

afterAll(async () => {
  await rm(out, { recursive: true, force: true });
});

/** The selector's parsers are built for the host too, with the address and undefined-behaviour sanitizers. */
function make(...targets: string[]): Promise<string> {
  return context.run(["make", ...targets, "OUT=/out"], {
    readOnly: { "/src": join(KERNEL, "selector") },
    writable: { "/out": out },
    cwd: "/src",
  });
}

describe("the slot selector", () => {
  it(
    "passes its own tests and the vectors that it shares with libs/gpt",
    { timeout: 300_000 },
    async () => {
      expect(await make("test")).toMatch(/\b0 failed/);
    },
  );

  it("survives fuzzed disks, programs and tables", { timeout: 600_000 }, async () => {
    await expect(make("fuzz", "ITERATIONS=10000")).resolves.toBeTypeOf("string");
  });
});
