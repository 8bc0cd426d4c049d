export { changeValue, replaceValue } from "./change-value.ts";
export { inTurn } from "./in-turn.ts";
export type { KeyChangeKind } from "./key-change.ts";
export { mergeKeys, splitKeys, type Merge } from "./merge-keys.ts";
export { removeKey } from "./remove-key.ts";
export { renameEntries } from "./rename-entries.ts";
export { renameKey } from "./rename-key.ts";
