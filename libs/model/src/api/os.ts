import * as z from "zod";

export const Slot = z.enum(["A", "B"]);
export type Slot = z.output<typeof Slot>;

/** `GET /os`. Slot and root hash are null where the root is not a verity device, as in tests. */
export const Os = z.strictObject({
  pretty_name: z.string(),
  variant_id: z.string(),
  version_id: z.string(),
  build_id: z.string(),
  arch: z.string(),
  slot: Slot.nullable(),
  root_hash: z.string().nullable(),
});
export type Os = z.output<typeof Os>;
