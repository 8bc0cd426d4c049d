import { EXEC_CLOSE, type ExecCloseCode } from "@ballast/model/exec";

/** What containers of one kind are called in `KIND/NAME`. */
export const KINDS = ["workload", "host", "bootstrap"] as const;
export type Kind = (typeof KINDS)[number];

/** A container that runs, as containerd knows it. */
export interface FoundContainer {
  readonly kind: Kind;
  readonly name: string;
  readonly id: string;
}

/** Nothing of the name, one that does not run, or one that does. */
export type Lookup = "absent" | "stopped" | FoundContainer;

export interface Refusal {
  readonly code: ExecCloseCode;
  readonly reason: string;
}

const TARGET = /^(?:(workload|host|bootstrap)\/)?([a-z0-9][a-z0-9-]{0,62})$/;

/** The kinds in which a target is looked for, and its name there. Undefined: no container can be called so. */
export function parseTarget(
  target: string,
): { readonly kinds: readonly Kind[]; readonly name: string } | undefined {
  const [, prefix, name] = TARGET.exec(target) ?? [];
  if (name === undefined) return undefined;
  const kind = KINDS.find((known) => known === prefix);
  return { kinds: kind === undefined ? KINDS : [kind], name };
}

/** The one container that is meant, or why it is none. `name` is as {@link parseTarget} took it. */
export function chooseContainer(
  name: string,
  found: ReadonlyMap<Kind, Lookup>,
): FoundContainer | Refusal {
  const present = [...found].filter(([, lookup]) => lookup !== "absent");
  const [first, second] = present;
  if (first === undefined)
    return { code: EXEC_CLOSE.noContainer, reason: `There is no container "${name}"` };
  if (second !== undefined) {
    const names = present.map(([kind]) => `${kind}/${name}`).join(" or ");
    return { code: EXEC_CLOSE.conflict, reason: `There is more than one: say ${names}` };
  }
  const [kind, lookup] = first;
  if (typeof lookup === "string")
    return { code: EXEC_CLOSE.conflict, reason: `Container "${kind}/${name}" does not run` };
  return lookup;
}
