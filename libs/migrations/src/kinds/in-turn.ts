import type { KeyChangeKind } from "./key-change.ts";

/** Several changes as one migration, one after the other. */
export function inTurn(...kinds: readonly KeyChangeKind[]): KeyChangeKind {
  const loses = kinds.flatMap((kind) => kind.loses ?? []);
  return {
    owns: kinds.flatMap(({ owns }) => owns),
    ...(loses.length === 0 ? {} : { loses }),
    forward: (values) => kinds.reduce((now, kind) => kind.forward(now), values),
    backward: (values) => kinds.reduceRight((now, kind) => kind.backward(now), values),
  };
}
