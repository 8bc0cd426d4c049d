import * as z from "zod";
import { joinKey } from "../../keys.ts";
import { namedMap } from "../../named-map.ts";
import { defineGroup, type Issue } from "../../settings-group.ts";
import { HttpUrl, TcpAddress, UnitName, splitAddress } from "./target.ts";

/** Together they are asked at once: their number bounds what one look at health may cost. */
const MAX_CHECKS = 32;
const MAX_TIMEOUT_SECONDS = 20;

const Check = z.strictObject({
  unit: UnitName.meta({
    description: "The machine is healthy only while this unit is active.",
    example: "web.service",
  }).optional(),
  http: HttpUrl.meta({
    description: "The machine is healthy only while this URL answers with the expected status.",
    example: "http://127.0.0.1:8080/ready",
  }).optional(),
  tcp: TcpAddress.meta({
    description: "The machine is healthy only while this address accepts a connection.",
    example: "127.0.0.1:5432",
  }).optional(),
  "timeout-seconds": z
    .int({ error: "must be a whole number" })
    .min(1, { error: "must be at least 1" })
    .max(MAX_TIMEOUT_SECONDS, { error: `must be at most ${MAX_TIMEOUT_SECONDS}` })
    .meta({
      description: "Seconds after which a check without an answer has failed.",
      example: 2,
    }),
  "expect-status": z
    .int({ error: "must be a whole number" })
    .min(200, { error: "must be at least 200" })
    .max(599, { error: "must be at most 599" })
    .meta({
      description: "Status that `http` must answer with; any from 200 to 299 when not set.",
      example: 204,
    })
    .optional(),
});
type Check = z.output<typeof Check>;

const TARGETS = ["unit", "http", "tcp"] as const;

export const health = defineGroup({
  schema: namedMap({ entry: Check, defaults: { "timeout-seconds": 5 } }).meta({
    description:
      "Checks of your own that a new slot must pass, and that the health of the machine includes; each has exactly one of `unit`, `http` and `tcp`.",
  }),
  defaults: {},
  secrets: [],
  check: checkHealth,
  services: [],
  effect: "Checks are read anew whenever health is asked.",
});

/** What a check looks at. */
export type HealthTarget =
  | { readonly kind: "unit"; readonly unit: string }
  | { readonly kind: "http"; readonly url: URL; readonly expectStatus: number | undefined }
  | { readonly kind: "tcp"; readonly host: string; readonly port: number };

/** The one target of a check; undefined if another version of the image left one that this one cannot use. */
export function targetOf(check: Check): HealthTarget | undefined {
  if (check.unit !== undefined) return { kind: "unit", unit: check.unit };
  if (check.http !== undefined)
    return { kind: "http", url: new URL(check.http), expectStatus: check["expect-status"] };
  const address = check.tcp === undefined ? undefined : splitAddress(check.tcp);
  return address === undefined ? undefined : { kind: "tcp", ...address };
}

function checkHealth(checks: Readonly<Record<string, Check>>): Issue[] {
  const entries = Object.entries(checks);
  const issues = entries.flatMap(([name, check]) =>
    checkOne(check).map((reason) => ({ key: joinKey([name]), reason })),
  );
  const [surplus] = entries.slice(MAX_CHECKS);
  if (surplus === undefined) return issues;
  return [...issues, { key: surplus[0], reason: `is one too many: at most ${MAX_CHECKS} checks` }];
}

function checkOne(check: Check): string[] {
  const given = TARGETS.filter((target) => check[target] !== undefined);
  if (given.length !== 1)
    return [`must have exactly one of ${TARGETS.join(", ")}, has ${given.join(" and ") || "none"}`];
  if (check["expect-status"] !== undefined && check.http === undefined)
    return ["must not have expect-status without http"];
  return [];
}
