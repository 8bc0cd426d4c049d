import { readFileSync } from "node:fs";
import type { Target } from "@ballast/api-client";
import { EXIT, UsageError } from "@ballast/errors";
import { ApiclientError } from "./apiclient-error.ts";
import type { Connection } from "./command.ts";

const DEFAULT_SOCKET = "/run/ballast/api.sock";
const DEFAULT_PORT = 8443;

type Environment = Readonly<Record<string, string | undefined>>;

/** Options win over the environment, `--socket` also over BALLAST_REMOTE. Reads the credentials of a remote target. */
export function findTarget(connection: Connection, env: Environment): Target {
  if (connection.socket !== undefined) return { socketPath: connection.socket };
  const remote = connection.remote ?? (env["BALLAST_REMOTE"] || undefined);
  if (remote === undefined) return { socketPath: env["BALLAST_SOCKET"] || DEFAULT_SOCKET };
  const folder = credentialsFolder(connection, env);
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

export function credentialsFolder(
  { credentials }: Pick<Connection, "credentials">,
  env: Environment,
): string | undefined {
  return credentials ?? (env["BALLAST_CREDENTIALS"] || undefined);
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
