import * as z from "zod";

/**
 * Where settings are kept in this boot. `volatile`: STATE could not be used, they are in memory and lost at the next start;
 * `read-only`: STATE takes no more writes. The reason is the check's or the mount's own text.
 */
export const StateStorage = z.strictObject({
  kind: z.enum(["stored", "volatile", "read-only"]),
  reason: z.string().nullable(),
});
export type StateStorage = z.output<typeof StateStorage>;

/** `POST /actions/reset`: STATE is made anew at the next start, and DATA too if told. */
export const ResetRequest = z.strictObject({
  data: z.boolean().default(false).meta({ description: "DATA too: containers, volumes, journal" }),
});
export type ResetRequest = z.output<typeof ResetRequest>;

export const ResetReport = z.strictObject({ data: z.boolean(), rebooting: z.boolean() });
export type ResetReport = z.output<typeof ResetReport>;
