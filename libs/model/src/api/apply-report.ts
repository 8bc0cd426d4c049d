import * as z from "zod";

/** What was done for one service: `rendered` wrote its files only, `restarted` also restarted what reads them. */
export const ServiceReport = z.strictObject({
  name: z.string(),
  action: z.enum(["rendered", "restarted"]),
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
});
export type CommitReport = z.output<typeof CommitReport>;
