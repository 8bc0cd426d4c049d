import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { ATTACKS } from "./attack-cases.ts";
import { judge, type Verdicts } from "./both-clients.ts";

let work: string;
let verdicts: Map<string, Verdicts>;
beforeAll(async () => {
  work = await mkdtemp(join(tmpdir(), "repos-"));
  verdicts = await judge(work, ATTACKS);
});
afterAll(async () => {
  await rm(work, { recursive: true });
});

it.each(ATTACKS.map((one) => [one.name, one] as const))("%s", (name, { ours, oracle }) => {
  expect(verdicts.get(name)).toEqual({ ours, oracle });
});
