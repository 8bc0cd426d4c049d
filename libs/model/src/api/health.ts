import * as z from "zod";

export const HealthCheck = z.strictObject({
  name: z.string(),
  status: z.enum(["ok", "waiting", "failed"]),
  reason: z.string().optional(),
});
export type HealthCheck = z.output<typeof HealthCheck>;

/** `GET /health`: degraded when a check failed, starting when one waits, else healthy. */
export const Health = z.strictObject({
  status: z.enum(["starting", "healthy", "degraded"]),
  checks: z.array(HealthCheck),
});
export type Health = z.output<typeof Health>;
