import * as z from "zod";
import { joinKey } from "../../keys.ts";
import type { Issue } from "../../settings-group.ts";
import { Arguments } from "./arguments.ts";

const PATH_MAX_LENGTH = 1024;

/** A check of settings.containers: of a program, of HTTP (`path` and `port`), of TCP (`port` alone), or none. */
export const ContainerCheck = z.strictObject({
  command: Arguments.min(1, { error: "must have at least 1 entry" })
    .meta({
      description: "The container is healthy while this program, run in it, ends with 0.",
      example: ["/usr/bin/pg_isready"],
    })
    .optional(),
  port: z
    .int({ error: "must be a whole number" })
    .min(1, { error: "must be at least 1" })
    .max(65_535, { error: "must be at most 65535" })
    .meta({
      description:
        "The container is healthy while this TCP port of it accepts a connection; with `path`, while it answers.",
      example: 8080,
    })
    .optional(),
  path: z
    .string()
    .max(PATH_MAX_LENGTH, { error: `must be at most ${PATH_MAX_LENGTH} characters` })
    .regex(/^\/[!-~]*$/, { error: "must be a path of visible ASCII characters that begins with /" })
    .meta({
      description:
        "Asked for at `port` by HTTP; must answer with a status from 200 to 399. Redirects are not followed.",
      example: "/ready",
    })
    .optional(),
  "interval-seconds": wholeSeconds(1, 3600).meta({
    description: "Seconds from the end of a check to the next one.",
    example: 30,
  }),
  "timeout-seconds": wholeSeconds(1, 60).meta({
    description: "Seconds after which a check without an answer has failed.",
    example: 2,
  }),
  retries: z
    .int({ error: "must be a whole number" })
    .min(1, { error: "must be at least 1" })
    .max(100, { error: "must be at most 100" })
    .meta({ description: "Checks that fail in a row until it is unhealthy.", example: 5 }),
  "start-period-seconds": wholeSeconds(0, 3600).meta({
    description:
      "Seconds from its start in which checks that fail do not count, until one has succeeded. Meanwhile there is one a second.",
    example: 120,
  }),
  "on-unhealthy": z.enum(["restart", "report"], { error: "must be restart or report" }).meta({
    description:
      "Whether an unhealthy container is replaced by a new one, unless its `restart` is `never`, or only shown.",
    example: "report",
  }),
});
export type ContainerCheck = z.output<typeof ContainerCheck>;

export const CHECK_DEFAULTS: ContainerCheck = {
  "interval-seconds": 10,
  "timeout-seconds": 5,
  retries: 3,
  "start-period-seconds": 30,
  "on-unhealthy": "restart",
};

export function checkHealth(name: string, { command, port, path }: ContainerCheck): Issue[] {
  if (command !== undefined && port !== undefined)
    return [{ key: joinKey([name, "health"]), reason: "must not have both command and port" }];
  if (path !== undefined && port === undefined)
    return [{ key: joinKey([name, "health"]), reason: "must not have path without port" }];
  return [];
}

export function wholeSeconds(least: number, most: number) {
  return z
    .int({ error: "must be a whole number" })
    .min(least, { error: `must be at least ${least}` })
    .max(most, { error: `must be at most ${most}` });
}
