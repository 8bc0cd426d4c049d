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
