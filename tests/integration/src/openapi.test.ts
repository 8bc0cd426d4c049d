import { readFileSync } from "node:fs";
import { join } from "node:path";
import * as fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import * as z from "zod";
import type { Sent } from "./http-call.ts";
import { startMachine, type Machine } from "./machine.ts";

/** The same requests in every run; more of them, or others: `FUZZ_RUNS=5000 FUZZ_SEED=7`. */
const RUNS = Number(process.env["FUZZ_RUNS"] ?? 300);
const SEED = Number(process.env["FUZZ_SEED"] ?? 20_261_124);
const MEMORY_MAX_BYTES = 200 * 1024 * 1024;
const CHECKED_IN = join(import.meta.dirname, "../../../docs/reference/openapi.json");

const Schema = z.looseObject({
  type: z.union([z.string(), z.array(z.string())]).optional(),
  enum: z.array(z.json()).optional(),
  const: z.json().optional(),
  $ref: z.string().optional(),
  properties: z.record(z.string(), z.unknown()).optional(),
  additionalProperties: z.unknown().optional(),
  items: z.unknown().optional(),
  anyOf: z.array(z.unknown()).optional(),
});
const Operation = z.looseObject({
  parameters: z.array(z.object({ name: z.string(), in: z.string(), schema: z.unknown() }).loose()),
  requestBody: z.unknown().optional(),
  responses: z.record(z.string(), z.unknown()),
});
const Document = z.looseObject({
  paths: z.record(z.string(), z.record(z.string(), Operation)),
  components: z.looseObject({ schemas: z.record(z.string(), z.unknown()) }),
});

const checkedIn: unknown = JSON.parse(readFileSync(CHECKED_IN, "utf8"));
const document = Document.parse(checkedIn);
/** Beside what the document allows: what hostile clients send. */
const HOSTILE = fc.oneof(
  fc.constantFrom(
    "",
    "__proto__",
    "constructor",
    "../../etc/passwd",
    "a.b.c",
    "\0",
    "\u202e",
    "%00",
    "'; DROP TABLE value; --",
    "x".repeat(5000),
  ),
  fc.string({ unit: "binary", maxLength: 50 }),
);

/** Values of a schema, now and then of none. */
function valueOf(input: unknown, depth = 0): fc.Arbitrary<unknown> {
  const schema = Schema.parse(typeof input === "object" ? (input ?? {}) : {});
  if (schema.$ref !== undefined) {
    const name = schema.$ref.split("/").at(-1) ?? "";
    return valueOf(document.components.schemas[name], depth);
  }
  const wrong = fc.oneof(HOSTILE, fc.jsonValue({ maxDepth: 3 }), fc.constant(null));
  return fc.oneof(
    { weight: 6, arbitrary: rightValue(schema, depth) },
    { weight: 1, arbitrary: wrong },
  );
}

function rightValue(schema: z.output<typeof Schema>, depth: number): fc.Arbitrary<unknown> {
  if (schema.enum !== undefined) return fc.constantFrom(...schema.enum);
  if (schema.const !== undefined) return fc.constant(schema.const);
  if (depth > 6) return fc.jsonValue({ maxDepth: 1 });
  if (schema.anyOf !== undefined)
    return fc.oneof(...schema.anyOf.map((one) => valueOf(one, depth + 1)));
  if (Array.isArray(schema.type))
    return fc.oneof(...schema.type.map((type) => rightValue({ ...schema, type }, depth + 1)));
  switch (schema.type ?? "anything") {
    case "object":
      return objectOf(schema, depth);
    case "array":
      return fc.array(valueOf(schema.items, depth + 1), { maxLength: 4 });
    case "boolean":
      return fc.boolean();
    case "integer":
    case "number":
      return fc.oneof(fc.integer({ min: -1, max: 70_000 }), fc.double());
    case "string":
      return fc.oneof(fc.stringMatching(/^[a-z0-9.-]{1,20}$/), HOSTILE);
    default:
      return fc.jsonValue({ maxDepth: 4 });
  }
}

function objectOf(schema: z.output<typeof Schema>, depth: number): fc.Arbitrary<unknown> {
  const { properties = {}, additionalProperties } = schema;
  const known = Object.fromEntries(
    Object.entries(properties).map(([name, inner]) => [name, valueOf(inner, depth + 1)]),
  );
  const fixed = fc.record(known, { requiredKeys: [] });
  if (additionalProperties === undefined || additionalProperties === false) return fixed;
  const names = fc.oneof(fc.stringMatching(/^[a-z][a-z0-9-]{0,10}$/), HOSTILE);
  return fc.dictionary(names, valueOf(additionalProperties, depth + 1), { maxKeys: 3 });
}

interface Request {
  readonly method: string;
  readonly path: string;
  readonly body: unknown;
  readonly header: string | undefined;
}

/** Answers without an end have tests of their own. */
const ENDLESS = new Set(["/events"]);

function requests(): fc.Arbitrary<Request> {
  const operations = Object.entries(document.paths)
    .filter(([path]) => !ENDLESS.has(path))
    .flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, operation]) => ({ path, method, operation })),
    );
  const all = operations.map(({ path, method, operation }) => {
    const known = operation.parameters.filter((one) => one.in === "query");
    const query = fc.record(
      Object.fromEntries(known.map(({ name, schema }) => [name, queryValue(name, schema)])),
      { requiredKeys: [] },
    );
    const body = bodySchema(operation.requestBody);
    return fc.record({
      method: fc.constant(method.toUpperCase()),
      path: query.map((parameters) => pathOf(path, parameters)),
      body: body === undefined ? fc.constant(undefined) : valueOf(body),
      header: fc.option(
        HOSTILE.map((text) => text.replaceAll(/[^\x20-\x7e]/g, "?")),
        {
          nil: undefined,
        },
      ),
    });
  });
  return fc.oneof(...all);
}

/** A followed journal has no end, and a try would be taken back in the midst of later requests. */
function queryValue(name: string, schema: unknown): fc.Arbitrary<unknown> {
  return name === "follow" ? fc.constant("false") : valueOf(schema);
}

function bodySchema(requestBody: unknown): unknown {
  const Body = z.object({
    content: z.object({ "application/json": z.object({ schema: z.unknown() }) }),
  });
  return requestBody === undefined
    ? undefined
    : Body.parse(requestBody).content["application/json"].schema;
}

function pathOf(path: string, parameters: Readonly<Record<string, unknown>>): string {
  const pairs = Object.entries(parameters).map(
    ([name, value]) =>
      `${name}=${encodeURIComponent((typeof value === "string" ? value : (JSON.stringify(value) ?? "")).toWellFormed())}`,
  );
  return pairs.length === 0 ? path : `${path}?${pairs.join("&")}`;
}

async function residentBytes(machine: Machine): Promise<number> {
  const { text } = await machine.call("GET", "/metrics");
  return Number(/^process_resident_memory_bytes (\d+)$/m.exec(text)?.[1]);
}

describe("the API's own document", () => {
  let machine: Machine;
  beforeAll(async () => {
    machine = await startMachine({
      "signpost/rollback-to-inactive.json": '{"changed":true,"next":"B"}',
    });
  });
  afterAll(async () => {
    await machine[Symbol.asyncDispose]();
  });

  it("is served as it is checked in", async () => {
    const reply = await machine.call("GET", "/openapi.json");
    expect(reply.status).toBe(200);
    const isCurrent = JSON.stringify(reply.json) === JSON.stringify(checkedIn);
    expect(isCurrent, "docs/reference/openapi.json is not current: run npm run docs").toBe(true);
  });

  it(
    `leads to ${RUNS} requests that neither break nor fatten the server`,
    async () => {
      const before = await residentBytes(machine);
      const counts = { done: 0, refused: 0 };
      await fc.assert(
        fc.asyncProperty(requests(), async ({ method, path, body, header }) => {
          const sent: Sent = {
            ...(body === undefined ? {} : { body }),
            ...(header === undefined ? {} : { headers: { "if-match": header } }),
          };
          const reply = await machine.call(method, path, sent);
          const told = document.paths[path.split("?", 1)[0] ?? ""]?.[method.toLowerCase()];
          const isTold = told?.responses[String(reply.status)] !== undefined;
          if (reply.status < 300) counts.done += 1;
          else counts.refused += 1;
          const isRefusal =
            reply.status < 500 && reply.headers["content-type"] === "application/problem+json";
          if (!isTold && !isRefusal)
            throw new Error(
              `${method} ${path} was answered ${reply.status} ${reply.text.slice(0, 300)}`,
            );
        }),
        { numRuns: RUNS, seed: SEED },
      );
      // Requests that are all refused at the door would prove little.
      expect(Math.min(counts.done, counts.refused)).toBeGreaterThan(RUNS / 10);
      const after = await residentBytes(machine);
      expect(after).toBeLessThan(Math.max(MEMORY_MAX_BYTES, before));
      expect((await machine.call("GET", "/os")).status).toBe(200);
      expect(machine.log).not.toContain("Request failed");
    },
    120_000 + RUNS * 100,
  );
});
