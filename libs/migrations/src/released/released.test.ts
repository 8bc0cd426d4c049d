import { readFile } from "node:fs/promises";
import * as z from "zod";
import { describe, expect, it } from "vitest";
import { compareVersions } from "@ballast/updates";
import { migrateValues } from "../migrate-values.ts";
import { HISTORY } from "../product-history.ts";
import { PRODUCT_SCHEMA } from "../product-schema.ts";
import { RELEASED } from "./index.ts";

const VERSIONS = RELEASED.map(({ version }) => version);
/** Behind every migration there is. */
const NEWEST = `${Number.MAX_SAFE_INTEGER}.0.0`;

it("has the versions in their order", () => {
  expect(VERSIONS).toEqual(VERSIONS.toSorted(compareVersions));
});

describe.each(VERSIONS)("settings of %s", (version) => {
  it("are taken by that version, and use each of its groups", async () => {
    const values = await settingsOf(version);
    const shape = RELEASED.find((release) => release.version === version)?.shape;
    const groups = Object.keys(z.object({ properties: z.looseObject({}) }).parse(shape).properties);
    expect(HISTORY.schemas.get(version)?.refused(values)).toEqual(new Map());
    expect(new Set([...values.keys()].map((key) => key.split(".", 1)[0]))).toEqual(new Set(groups));
    expect(values.size).toBeGreaterThan(100);
  });

  it("come through to the newest version and back", async () => {
    const values = await settingsOf(version);
    const up = migrateValues(values, version, NEWEST, HISTORY, { schema: PRODUCT_SCHEMA });
    expect(up.report.unused).toEqual([]);
    const down = migrateValues(up.values, NEWEST, version, HISTORY, { aside: up.aside });
    expect(down.values).toEqual(values);
    expect(down.report.aside).toEqual([]);
  });
});

async function settingsOf(version: string): Promise<ReadonlyMap<string, unknown>> {
  const file = new URL(`${version}.settings.json`, import.meta.url);
  const table = z.record(z.string(), z.unknown()).parse(JSON.parse(await readFile(file, "utf8")));
  return new Map(Object.entries(table));
}
