import { HostContainersError } from "../errors.ts";
import { hashOf, isRecord } from "../hash-of.ts";
import type { HostContainer } from "./host-container.ts";

/**
 * Reads what the API server rendered: `{"host-containers": {NAME: as in settings.host-containers}}`. It has checked every
 * value; only the shape is looked at here.
 */
export function parseHostContainers(text: string, path: string): HostContainer[] {
  return entriesOf(text, path, "host-containers").flatMap(([name, spec]) => {
    if (typeof spec["enabled"] !== "boolean" || typeof spec["superpowered"] !== "boolean")
      throw bad(path, `container "${name}" is not one`);
    const { enabled, superpowered } = spec;
    const privileges = superpowered ? ("superpowered" as const) : ("default" as const);
    const container = { kind: "host", name, ...common(name, spec, path) } as const;
    const hasApi = spec["api-role"] !== "none";
    const made = { ...container, privileges, hasApi };
    return enabled ? [{ ...made, hash: hashOf(made) }] : [];
  });
}

export interface BootstrapContainer {
  readonly container: HostContainer;
  readonly isOnce: boolean;
  readonly isEssential: boolean;
}

/** The same of `{"bootstrap-containers": {NAME: …}}`, which holds those that are to run; in the order of their names. */
export function parseBootstrapContainers(text: string, path: string): BootstrapContainer[] {
  return entriesOf(text, path, "bootstrap-containers")
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, spec]) => {
      const { mode, essential: isEssential } = spec;
      if (typeof mode !== "string" || typeof isEssential !== "boolean")
        throw bad(path, `container "${name}" is not one`);
      const container = { kind: "bootstrap", name, ...common(name, spec, path) } as const;
      const made = { ...container, privileges: "bootstrap" as const, hasApi: false };
      return { container: { ...made, hash: hashOf(made) }, isOnce: mode === "once", isEssential };
    });
}

type Spec = Readonly<Record<string, unknown>>;

function entriesOf(text: string, path: string, group: string): [string, Spec][] {
  let file: unknown;
  try {
    file = JSON.parse(text);
  } catch (cause) {
    // Not JSON's own message: it quotes the text, which holds secrets.
    throw bad(path, "it is not JSON", cause instanceof SyntaxError ? undefined : cause);
  }
  if (!isRecord(file) || !isRecord(file[group])) throw bad(path, `it has no "${group}"`);
  return Object.entries(file[group]).map(([name, spec]) => {
    if (!isRecord(spec)) throw bad(path, `container "${name}" is not one`);
    return [name, spec];
  });
}

function common(name: string, spec: Spec, path: string) {
  const { source, command, "user-data": userData, resources } = spec;
  if (
    typeof source !== "string" ||
    !isRecord(resources) ||
    !isCommand(command) ||
    !isText(userData)
  )
    throw bad(path, `container "${name}" is not one`);
  return { source, command, userData, resources };
}

function isCommand(value: unknown): value is readonly string[] | undefined {
  return (
    value === undefined || (Array.isArray(value) && value.every((word) => typeof word === "string"))
  );
}

function isText(value: unknown): value is string | undefined {
  return value === undefined || typeof value === "string";
}

function bad(path: string, reason: string, cause?: unknown): HostContainersError {
  return new HostContainersError("host-containers.bad-config", `Cannot read "${path}": ${reason}`, {
    cause,
    hint: "It is written by the API server; apply the settings again.",
  });
}
