import { FailedUpdate, UpdateObstacle } from "@ballast/model";
import * as z from "zod";

const Named = z.strictObject({ version: z.string(), root_hash: z.string() });
export type Named = z.output<typeof Named>;

const Boot = z.strictObject({ ...Named.shape, boot_id: z.string() });

const Checked = z.strictObject({
  at: z.string(),
  /** What ran then: for another version all of this can be different. */
  by_version: z.string(),
  chosen: z.string().nullable(),
  /** How it was chosen, and so how it is taken. */
  ignore_waves: z.boolean(),
  pull_back: z.boolean(),
  releases: z.array(z.strictObject({ version: z.string(), obstacle: UpdateObstacle.nullable() })),
});
export type Checked = z.output<typeof Checked>;

/**
 * What the update agent knows from one run to the next. What the slots hold and which boots is in the partition table alone;
 * this adds the names of versions, and what happened before.
 */
export const State = z.strictObject({
  schema: z.literal(1),
  /** Versions by the root hashes that the slots have. */
  names: z.array(Named),
  /** What ran when it looked last, to notice that another slot runs now. */
  last_run: Boot.nullable(),
  /** Made the next one to boot, with the boot in which that was; null again when it runs, or does not boot next any more. */
  activated: Boot.nullable(),
  failed: z.array(FailedUpdate),
  /** What the repository said last. */
  checked: Checked.nullable(),
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
export function nameOf({ names }: Pick<State, "names">, rootHash: string): string | undefined {
  return names.find(({ root_hash: hash }) => hash === rootHash)?.version;
}

/** Gives a root hash its version; what was called so before is taken away. */
export function withName(state: State, named: Named): State {
  const others = state.names.filter(({ root_hash: hash }) => hash !== named.root_hash);
  // In one order, so that the same knowledge is the same file.
  const names = [...others, named].toSorted((a, b) => (a.root_hash < b.root_hash ? -1 : 1));
  return { ...state, names };
}
