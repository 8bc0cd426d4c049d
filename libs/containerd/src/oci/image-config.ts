import { listOf, recordOf, textOf } from "./json-members.ts";

/** What an image says of its containers (OCI image spec 1.1, config.md); empty where it says nothing. */
export interface ImageConfig {
  readonly entrypoint: readonly string[];
  readonly cmd: readonly string[];
  /** `NAME=value`. */
  readonly env: readonly string[];
  readonly workingDir: string;
  readonly user: string;
  readonly stopSignal: string;
}

/** `config` is the member of that name of an image's configuration. */
export function parseConfig(config: unknown): ImageConfig {
  const members = recordOf(config);
  return {
    entrypoint: listOf(members["Entrypoint"]),
    cmd: listOf(members["Cmd"]),
    env: listOf(members["Env"]),
    workingDir: textOf(members["WorkingDir"]),
    user: textOf(members["User"]),
    stopSignal: textOf(members["StopSignal"]),
  };
}
