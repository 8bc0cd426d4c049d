import * as z from "zod";

/**
 * How the running version came by its settings in this boot. `made`: from those of an older version. `merged`: its own, with
 * what an older version changed since. `taken`: from those of a newer version, as far as this one accepts them, because there
 * was nothing else. `failed`: nothing was changed.
 */
export const MigrationReport = z.strictObject({
  outcome: z.enum(["made", "merged", "taken", "failed"]),
  /** The version whose settings were taken over. */
  from: z.string().nullable(),
  to: z.string(),
  at: z.string(),
  reason: z.string().nullable(),
  /** Keys whose value differs from that of before, those of both forms. */
  changed: z.array(z.string()),
  /** Keys whose values wait for a version that can hold them. */
  set_aside: z.array(z.string()),
  /** Databases that could not be used. */
  passed_over: z.array(z.strictObject({ version: z.string(), reason: z.string() })),
});
export type MigrationReport = z.output<typeof MigrationReport>;

/** The settings in the form of the older version in the other slot, as they were last made in this boot. */
export const ShadowReport = z.strictObject({
  version: z.string(),
  at: z.string(),
  /** Why they could not be made; they are as they were before. */
  reason: z.string().nullable(),
  /** Keys whose values that version cannot hold. They come back with the version that runs. */
  set_aside: z.array(z.string()),
});
export type ShadowReport = z.output<typeof ShadowReport>;
