import { readFileSync } from "node:fs";
import type { Target } from "@ballast/api-client";
import { EXIT, UsageError } from "@ballast/errors";
import { ApiclientError } from "./apiclient-error.ts";
import type { Connection } from "./command.ts";
import { choosePlaces, type Place } from "./contexts/choose-place.ts";
import { readContexts, type Environment } from "./contexts/context-file.ts";

const DEFAULT_PORT = 8443;

/** The machines that a command is for: one, or several contexts. */
export function findPlaces(connection: Connection, env: Environment): readonly Place[] {
  return choosePlaces(connection, env, () => readContexts(env)).places;
}

/** The one machine that a command is for. Throws UsageError if several are named. */
export function findPlace(connection: Connection, env: Environment, command: string): Place {
  const [place, another] = findPlaces(connection, env);
  if (place === undefined || another !== undefined)
    throw new UsageError(`Cannot run apiclient ${command}: it is for one machine at a time`);
  return place;
}

/** Reads the credentials of a remote place. */
export function targetOf(place: Place): Target {
  if (place.kind === "socket") return { socketPath: place.path };
  const { remote, credentials: folder } = place;
  if (folder === undefined)
    throw new UsageError(
      `Cannot call "${remote}": no credentials given`,
      "Give the directory that apiclient bootstrap made: --credentials DIR or BALLAST_CREDENTIALS.",
    );
  const read = (name: string): string => readCredential(`${folder}/${name}`);
  return {
    ...parseRemote(remote),
    ca: read("ca.pem"),
    cert: read("client.pem"),
    key: read("client.key"),
  };
}

/** `name`, `name:port`, `192.0.2.7:port`, `::1` or `[::1]:port`. */
export function parseRemote(text: string): { host: string; port: number } {
  const match =
    /^\[([0-9A-Fa-f:.%\w]+)\](?::(\d+))?$/.exec(text) ??
    /^([^:\s/@[\]]+)(?::(\d+))?$/.exec(text) ??
    /^([0-9A-Fa-f:.]+)$/.exec(text);
  const port = match?.[2] === undefined ? DEFAULT_PORT : Number(match[2]);
  if (match?.[1] === undefined || port < 1 || port > 65_535)
    throw new UsageError(
      `Cannot call "${text}": it is not HOST or HOST:PORT`,
      "An IPv6 address with a port is written [::1]:8443.",
    );
  return { host: match[1], port };
}

export function readCredential(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    const isRefused = error instanceof Error && "code" in error && error.code === "EACCES";
    throw new ApiclientError("apiclient.no-credentials", `Cannot read credentials "${file}"`, {
      cause: error,
      exitCode: isRefused ? EXIT.noPermission : EXIT.badConfig,
      hint: "apiclient bootstrap --out DIR makes them.",
    });
  }
}
