import * as z from "zod";

/** A `warning` needs somebody's attention; the machine is healthy all the same. */
export const HealthCheck = z.strictObject({
  name: z.string(),
  status: z.enum(["ok", "warning", "waiting", "failed"]),
  reason: z.string().optional(),
});
export type HealthCheck = z.output<typeof HealthCheck>;

/** `GET /health`: degraded when a check failed, starting when one waits, else healthy. */
export const Health = z.strictObject({
  status: z.enum(["starting", "healthy", "degraded"]),
  checks: z.array(HealthCheck),
});
export type Health = z.output<typeof Health>;
