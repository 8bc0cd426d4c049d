import { readFileSync } from "node:fs";
import { join } from "node:path";
import * as fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import * as z from "zod";
import type { Sent } from "./http-call.ts";
import { startMachine, type Machine } from "./machine.ts";
import { NO_PLAN, updatesStatus } from "./update-status.ts";

/** The same requests to each operation in every run; more of them, or others: `FUZZ_RUNS=500 FUZZ_SEED=7`. */
const RUNS_EACH = Number(process.env["FUZZ_RUNS"] ?? 15);
const SEED = Number(process.env["FUZZ_SEED"] ?? 20_261_124);
const AGENT_COMMANDS = ["check", "prepare", "activate", "cancel"];
const MEMORY_MAX_BYTES = 200 * 1024 * 1024;
const CHECKED_IN = join(import.meta.dirname, "../../../docs/reference/openapi.json");

const Schema = z.looseObject({
  type: z.union([z.string(), z.array(z.string())]).optional(),
  enum: z.array(z.json()).optional(),
  const: z.json().optional(),
  $ref: z.string().optional(),
  properties: z.record(z.string(), z.unknown()).optional(),
  required: z.array(z.string()).optional(),
  additionalProperties: z.unknown().optional(),
  items: z.unknown().optional(),
  anyOf: z.array(z.unknown()).optional(),
  /** A good value. */
  example: z.json().optional(),
});
const Operation = z.looseObject({
  parameters: z.array(
    z.looseObject({
      name: z.string(),
      in: z.string(),
      required: z.boolean().optional(),
      schema: z.unknown(),
    }),
  ),
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

/** How near values come to their schema: all good as far as a schema tells, now and then one bad, or without a thought of it. */
const CARES = ["good", "nearly", "hostile"] as const;
type Care = (typeof CARES)[number];

function valueOf(input: unknown, care: Care, depth = 0): fc.Arbitrary<unknown> {
  const schema = Schema.parse(typeof input === "object" ? (input ?? {}) : {});
  if (schema.$ref !== undefined) {
    const name = schema.$ref.split("/").at(-1) ?? "";
    return valueOf(document.components.schemas[name], care, depth);
  }
  const bad = fc.oneof(HOSTILE, fc.jsonValue({ maxDepth: 3 }), fc.constant(null));
  if (care === "hostile") return bad;
  const good = goodValue(schema, care, depth);
  if (care === "good") return good;
  return fc.oneof({ weight: 6, arbitrary: good }, { weight: 1, arbitrary: bad });
}

function goodValue(
  schema: z.output<typeof Schema>,
  care: Care,
  depth: number,
): fc.Arbitrary<unknown> {
  // More than type and pattern tell: an example is one that the rules of the setting accept.
  if (schema.example !== undefined && care === "good") return fc.constant(schema.example);
  if (schema.enum !== undefined) return fc.constantFrom(...schema.enum);
  if (schema.const !== undefined) return fc.constant(schema.const);
  if (depth > 6) return fc.jsonValue({ maxDepth: 1 });
  if (schema.anyOf !== undefined)
    return fc.oneof(...schema.anyOf.map((one) => valueOf(one, care, depth + 1)));
  if (Array.isArray(schema.type))
    return fc.oneof(...schema.type.map((type) => goodValue({ ...schema, type }, care, depth + 1)));
  switch (schema.type ?? "anything") {
    case "object":
      return objectOf(schema, care, depth);
    case "array":
      return fc.array(valueOf(schema.items, care, depth + 1), { maxLength: 4 });
    case "boolean":
      return fc.boolean();
    case "integer":
    case "number":
      return care === "good"
        ? fc.integer({ min: 1, max: 1000 })
        : fc.oneof(fc.integer({ min: -1, max: 70_000 }), fc.double());
    case "string": {
      const plain = fc.stringMatching(/^[a-z][a-z0-9-]{0,10}$/);
      return care === "good" ? plain : fc.oneof(plain, HOSTILE);
    }
    default:
      return fc.jsonValue({ maxDepth: 4 });
  }
}

function objectOf(
  schema: z.output<typeof Schema>,
  care: Care,
  depth: number,
): fc.Arbitrary<unknown> {
  const { properties = {}, required = [], additionalProperties } = schema;
  const known = Object.fromEntries(
    Object.entries(properties).map(([name, inner]) => [name, valueOf(inner, care, depth + 1)]),
  );
  const fixed = care === "good" ? someOf(known, required) : fc.record(known, { requiredKeys: [] });
  if (additionalProperties === undefined || additionalProperties === false) return fixed;
  const plain = fc.stringMatching(/^[a-z][a-z0-9-]{0,10}$/);
  const names = care === "good" ? plain : fc.oneof(plain, HOSTILE);
  return fc.dictionary(names, valueOf(additionalProperties, care, depth + 1), { maxKeys: 3 });
}

/** What is required and at most two members more: the more settings in a body, the likelier a rule between them is broken. */
function someOf(
  known: Readonly<Record<string, fc.Arbitrary<unknown>>>,
  required: readonly string[],
): fc.Arbitrary<unknown> {
  const optional = Object.keys(known).filter((name) => !required.includes(name));
  return fc
    .subarray(optional, { maxLength: Math.min(2, optional.length) })
    .chain((chosen) =>
      fc.record(
        Object.fromEntries(
          Object.entries(known).filter(
            ([name]) => required.includes(name) || chosen.includes(name),
          ),
        ),
      ),
    );
}

interface Request {
  readonly method: string;
  readonly path: string;
  readonly body: unknown;
  readonly header: string | undefined;
}

/** Answers without an end have tests of their own. */
const ENDLESS = new Set(["/events"]);

const OPERATIONS = Object.entries(document.paths)
  .filter(([path]) => !ENDLESS.has(path))
  .flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ path, method, operation })),
  );

function requests({ path, method, operation }: (typeof OPERATIONS)[number]): fc.Arbitrary<Request> {
  return fc.constantFrom(...CARES).chain((care) => {
    const known = operation.parameters.filter((one) => one.in === "query");
    const required = known.filter((one) => one.required === true).map(({ name }) => name);
    const query = fc.record(
      Object.fromEntries(known.map(({ name, schema }) => [name, queryValue(name, schema, care)])),
      { requiredKeys: care === "good" ? required : [] },
    );
    const body = bodySchema(operation.requestBody);
    const header = HOSTILE.map((text) => text.replaceAll(/[^\x20-\x7e]/g, "?"));
    return fc.record({
      method: fc.constant(method.toUpperCase()),
      path: query.map((parameters) => pathOf(path, parameters)),
      body: body === undefined ? fc.constant(undefined) : valueOf(body, care),
      header: care === "good" ? fc.constant(undefined) : fc.option(header, { nil: undefined }),
    });
  });
}

/** A followed journal has no end, and a try would be taken back in the midst of later requests. */
function queryValue(name: string, schema: unknown, care: Care): fc.Arbitrary<unknown> {
  return name === "follow" ? fc.constant("false") : valueOf(schema, care);
}

function bodySchema(requestBody: unknown): unknown {
  const Body = z.object({
    content: z.record(z.string(), z.object({ schema: z.unknown() })),
  });
  if (requestBody === undefined) return undefined;
  const { content } = Body.parse(requestBody);
  const [[type, form] = []] = Object.entries(content);
  // Of bytes anything is as good as anything.
  return type === "application/json" ? form?.schema : { type: "string" };
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
      "signpost/request-reset.json": '{"changed":true,"reset_due":{"state":true,"data":false}}',
      "signpost/request-reset-data.json": '{"changed":true,"reset_due":{"state":true,"data":true}}',
      "agent/status.ends.json": JSON.stringify(updatesStatus()),
      "agent/plan.json": JSON.stringify(NO_PLAN),
      ...Object.fromEntries(AGENT_COMMANDS.map((name) => [`agent/${name}.json`, "{}"])),
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

  describe("leads to requests that neither break nor fatten the server:", () => {
    const counts = { done: 0, refused: 0, changed: 0 };
    let before = 0;
    beforeAll(async () => {
      before = await residentBytes(machine);
    });

    it.each(OPERATIONS.map((one) => [one.method.toUpperCase(), one.path, one] as const))(
      "%s %s",
      async (_method, _path, one) => {
        await fc.assert(
          fc.asyncProperty(requests(one), async ({ method, path, body, header }) => {
            const sent: Sent = {
              ...(body === undefined ? {} : { body }),
              ...(header === undefined ? {} : { headers: { "if-match": header } }),
            };
            const reply = await machine.call(method, path, sent);
            const isTold = one.operation.responses[String(reply.status)] !== undefined;
            if (reply.status < 300) counts.done += 1;
            else counts.refused += 1;
            if (method === "PATCH" && reply.status === 204 && JSON.stringify(body) !== "{}")
              counts.changed += 1;
            const isRefusal =
              reply.status < 500 && reply.headers["content-type"] === "application/problem+json";
            expect(
              isTold || isRefusal,
              `${method} ${path} was answered ${reply.status} ${reply.text.slice(0, 300)}`,
            ).toBe(true);
          }),
          { numRuns: RUNS_EACH, seed: SEED },
        );
      },
      60_000 + RUNS_EACH * 100,
    );

    it("some of them did something, and some were refused", () => {
      const all = OPERATIONS.length * RUNS_EACH;
      // Requests that are all refused at the door would prove little.
      expect(Math.min(counts.done, counts.refused)).toBeGreaterThan(all / 10);
      expect(counts.changed).toBeGreaterThan(RUNS_EACH / 10);
    });

    it("the server is as it was", async () => {
      const after = await residentBytes(machine);
      expect(after).toBeLessThan(Math.max(MEMORY_MAX_BYTES, before));
      expect((await machine.call("GET", "/os")).status).toBe(200);
      expect(machine.log).not.toContain("Request failed");
    });
  });
});
