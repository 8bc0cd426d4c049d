import * as z from "zod";

/** Names of transactions; short, because they are shown and logged. */
export const TransactionName = z
  .string()
  .regex(/^[A-Za-z0-9._-]{1,64}$/, { error: "must be 1 to 64 letters, digits, '.', '_' or '-'" });

/** `PATCH /settings/keypair`. */
export const KeypairRequest = z.strictObject({ request_payload: z.array(z.string()).max(1000) });
export type KeypairRequest = z.output<typeof KeypairRequest>;

/** Changed or dropped keys, beginning with `settings.`; also the names of transactions. */
export const Names = z.array(z.string());

/** A commit that is taken back unless it is confirmed before the deadline. */
export const Try = z.strictObject({ token: z.string(), deadline: z.string() });
export type Try = z.output<typeof Try>;

/** `GET /tx/try`: the commit that waits, if one does. */
export const TryState = z.strictObject({
  waiting: z
    .strictObject({
      token: z.string(),
      /** Null while it is still being applied: the time begins after that. */
      deadline: z.string().nullable(),
      keys: z.array(z.string()),
    })
    .nullable(),
});
export type TryState = z.output<typeof TryState>;
