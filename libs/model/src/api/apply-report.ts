import * as z from "zod";
import { Try } from "./transactions.ts";

/**
 * What was done for one service: `rendered` wrote its files only, `restarted` also restarted what reads them. `stored`: the
 * value is kept and changes nothing yet; the reason says when it will.
 */
export const ServiceReport = z.strictObject({
  name: z.string(),
  action: z.enum(["rendered", "restarted", "stored"]),
  status: z.enum(["ok", "failed"]),
  reason: z.string().optional(),
});
export type ServiceReport = z.output<typeof ServiceReport>;

/** `POST /tx/apply`. */
export const ApplyReport = z.strictObject({ services: z.array(ServiceReport) });
export type ApplyReport = z.output<typeof ApplyReport>;

/** `POST /tx/commit_and_apply`; keys begin with `settings.`. */
export const CommitReport = z.strictObject({
  changed: z.array(z.string()),
  services: z.array(ServiceReport),
  /** With `try-seconds`, when something changed: the commit holds for good only after it was confirmed. */
  try: Try.optional(),
  /** With `rollback-on-failure`: whether a service failed, so that the former settings were put back. */
  rolled_back: z.boolean().optional(),
  /** What became of the services when the former settings were applied again. */
  rollback: z.array(ServiceReport).optional(),
});
export type CommitReport = z.output<typeof CommitReport>;
