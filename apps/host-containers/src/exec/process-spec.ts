import type { ExecRequest } from "@ballast/model/exec";
import { HostContainersError } from "../errors.ts";

/** What a terminal is called when the container itself does not say. */
const TERM = "TERM=xterm";

/**
 * The process of a command (OCI runtime specification, "process"): that of the container, with its user, capabilities,
 * environment and folder, but another command.
 */
export function execProcess(containerSpec: Uint8Array, { command, tty }: ExecRequest): Uint8Array {
  const spec: unknown = JSON.parse(Buffer.from(containerSpec).toString("utf8"));
  const own = isRecord(spec) ? spec["process"] : undefined;
  if (!isRecord(own))
    throw new HostContainersError(
      "host-containers.bad-spec",
      "Cannot run a command: the container has no process",
    );
  // Those are of the container's own first process.
  const { commandLine: _line, consoleSize: _size, ...kept } = own;
  const env = Array.isArray(own["env"]) ? own["env"].map(String) : [];
  const isNamed = env.some((entry) => entry.startsWith("TERM="));
  const process = {
    ...kept,
    args: command,
    env: tty === null || isNamed ? env : [...env, TERM],
    terminal: tty !== null,
    // Before the command can ask for it.
    ...(tty === null ? {} : { consoleSize: { height: tty.rows, width: tty.cols } }),
  };
  return Buffer.from(JSON.stringify(process));
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
