import type { ContainerKind, Settings } from "@ballast/model";
import { ApiError } from "../api-error.ts";

export interface ContainerName {
  readonly kind: ContainerKind;
  readonly name: string;
}

/** What a caller may name a container by: `NAME`, or `KIND/NAME` where containers of two kinds have one name. */
export const CONTAINER_REFERENCE = /^(?:(?:workload|host|bootstrap)\/)?[a-z0-9][a-z0-9-]{0,62}$/;

/** The containers of the settings. */
export function containersOf(settings: Settings): ContainerName[] {
  const of = (kind: ContainerKind, group: object) =>
    Object.keys(group).map((name) => ({ kind, name }));
  return [
    ...of("workload", settings.containers),
    ...of("host", settings["host-containers"]),
    ...of("bootstrap", settings["bootstrap-containers"]),
  ];
}

/** The one container that a reference means. Pure. */
export function findContainer(known: readonly ContainerName[], reference: string): ContainerName {
  const matches = known.filter(({ kind, name }) => [name, `${kind}/${name}`].includes(reference));
  const [found, ...others] = matches;
  if (found === undefined)
    throw new ApiError("apiserver.no-such-container", `There is no container "${reference}"`);
  if (others.length === 0) return found;
  const names = matches.map(({ kind, name }) => `"${kind}/${name}"`).join(" and ");
  throw new ApiError(
    "apiserver.ambiguous-container",
    `Container "${reference}" is ${names}: say which`,
  );
}
