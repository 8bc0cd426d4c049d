import { createHash } from "node:crypto";
import { HostContainersError } from "../errors.ts";
import type { Workload, WorkloadSpec } from "./workload.ts";

/**
 * Reads what the API server rendered: `{"containers": {NAME: as in settings.containers}}`. The API server has checked every
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
  return Object.entries(file["containers"]).flatMap(([name, spec]) => {
    if (!isSpec(spec)) throw bad(`container "${name}" is not one`);
    return spec.enabled ? [{ name, spec, hash: hashOf(spec) }] : [];
  });
}

/** The same for the same values in any order. Kept with what runs, where only root can read it. */
export function hashOf(spec: WorkloadSpec): string {
  return createHash("sha256").update(canonical(spec)).digest("hex").slice(0, 32);
}

function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`;
  if (!isRecord(value)) return JSON.stringify(value);
  const entries = Object.entries(value).filter(([, entry]) => entry !== undefined);
  const sorted = entries.toSorted(([a], [b]) => (a < b ? -1 : 1));
  return `{${sorted.map(([key, entry]) => `${JSON.stringify(key)}:${canonical(entry)}`).join(",")}}`;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

const TABLES = ["env", "secret-env", "volumes", "host-paths", "resources"] as const;

function isSpec(value: unknown): value is WorkloadSpec {
  return (
    isRecord(value) &&
    typeof value["image"] === "string" &&
    typeof value["enabled"] === "boolean" &&
    typeof value["privileged"] === "boolean" &&
    typeof value["restart"] === "string" &&
    TABLES.every((table) => isRecord(value[table]))
  );
}
