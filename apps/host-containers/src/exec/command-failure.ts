import { ContainerdError } from "@ballast/containerd";

export interface CommandFailure {
  /** As shells have it: 127 for a command that is not there, 126 for one that cannot be run. */
  readonly exitCode: 126 | 127;
  /** Of runc; names the command. */
  readonly reason: string;
}

/** Undefined if it is not the command that is at fault. */
export function commandFailure(error: unknown): CommandFailure | undefined {
  if (!(error instanceof ContainerdError)) return undefined;
  const [, said] = /OCI runtime exec failed: (.*)$/s.exec(error.reason) ?? [];
  if (said === undefined) return undefined;
  const reason = said
    .replace(/^.*unable to start container process: /s, "")
    .replace(/: unknown$/, "");
  // A folder of the container that is not there is no command that is not there.
  const isMissing = /^exec: .*(?:executable file not found|no such file or directory)/s.test(
    reason,
  );
  return { exitCode: isMissing ? 127 : 126, reason };
}
