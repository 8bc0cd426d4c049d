import { FailedUpdate, UpdateObstacle } from "@ballast/model";
import * as z from "zod";

const Named = z.strictObject({ version: z.string(), root_hash: z.string() });

/**
 * What the update agent knows from one run to the next. What the slots hold and which boots is in the partition table alone;
 * this adds the names of versions, and what happened before.
 */
export const State = z.strictObject({
  schema: z.literal(1),
  /** Versions by the root hashes that the slots have. */
  names: z.array(Named),
  /** What ran when it looked last, to notice that another slot runs now. */
  last_run: z.strictObject({ ...Named.shape, boot_id: z.string() }).nullable(),
  /** Made the next one to boot, in this boot; null when there was another boot since. */
  activated: z.strictObject({ ...Named.shape, boot_id: z.string() }).nullable(),
  failed: z.array(FailedUpdate),
  /** What the repository said last. */
  checked: z
    .strictObject({
      at: z.string(),
      chosen: z.string().nullable(),
      pull_back: z.boolean(),
      releases: z.array(
        z.strictObject({ version: z.string(), obstacle: UpdateObstacle.nullable() }),
      ),
    })
    .nullable(),
});
export type State = z.output<typeof State>;

export const NO_STATE: State = {
  schema: 1,
  names: [],
  last_run: null,
  activated: null,
  failed: [],
  checked: null,
};

/** The version that a slot with this root hash holds, if it is known. */
export function nameOf({ names }: State, rootHash: string): string | undefined {
  return names.find(({ root_hash: hash }) => hash === rootHash)?.version;
}
