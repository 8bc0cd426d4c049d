import { HostContainersError } from "../errors.ts";
import { hashOf, isRecord } from "../hash-of.ts";
import type { Workload, WorkloadNetwork, WorkloadSpec } from "./workload.ts";

/**
 * Reads what the API server rendered: `{"network": …, "containers": {NAME: as in settings.containers}}`. The API server has checked every
 * value; only the shape is looked at here, so that no schemas stay in memory.
 */
export function parseDesired(text: string, path: string): Workload[] {
  const bad = (reason: string, cause?: unknown) =>
    new HostContainersError("host-containers.bad-config", `Cannot read "${path}": ${reason}`, {
      cause,
      hint: "It is written by the API server; apply the settings again.",
    });
  let file: unknown;
  try {
    file = JSON.parse(text);
  } catch (cause) {
    // Not JSON's own message: it quotes the text, which holds secrets.
    throw bad("it is not JSON", cause instanceof SyntaxError ? undefined : cause);
  }
  if (!isRecord(file) || !isRecord(file["containers"])) throw bad('it has no "containers"');
  const { network } = file;
  if (!isNetwork(network)) throw bad('it has no "network"');
  return Object.entries(file["containers"]).flatMap(([name, spec]) => {
    if (!isSpec(spec)) throw bad(`container "${name}" is not one`);
    const hash = workloadHash(spec, network);
    return spec.enabled ? [{ name, spec, network, hash }] : [];
  });
}

/**
 * Of all that a container is made from: what only the manager goes by may change while it runs. Kept with what runs, where
 * only root can read it.
 */
export function workloadHash(spec: WorkloadSpec, network: WorkloadNetwork): string {
  const { health: _, requires: __, ...made } = spec;
  return hashOf({ spec: made, network });
}

function isNetwork(value: unknown): value is WorkloadNetwork {
  return (
    isRecord(value) && typeof value["subnet"] === "string" && typeof value["resolver"] === "string"
  );
}

const TABLES = [
  "env",
  "secret-env",
  "volumes",
  "host-paths",
  "tmpfs",
  "resources",
  "health",
  "pre-stop",
] as const;

function isSpec(value: unknown): value is WorkloadSpec {
  return (
    isRecord(value) &&
    typeof value["image"] === "string" &&
    typeof value["enabled"] === "boolean" &&
    typeof value["privileged"] === "boolean" &&
    typeof value["read-only-root"] === "boolean" &&
    typeof value["allow-link-local"] === "boolean" &&
    typeof value["restart"] === "string" &&
    typeof value["stop-grace-seconds"] === "number" &&
    TABLES.every((table) => isRecord(value[table]))
  );
}
