import type { Exec } from "@ballast/system";
import { ApiError } from "../api-error.ts";
import { PATHS } from "../paths.ts";

type Verb = "restart" | "try-restart" | "reload" | "start" | "stop" | "daemon-reload";

/** What {@link systemctl} hands to the program. A unit that has stopped cannot read anything anew: it is started. */
export function systemctlArguments(verb: Verb, units: readonly string[]): string[] {
  return ["--no-ask-password", verb === "reload" ? "reload-or-restart" : verb, ...units];
}

/** Has systemd do something and waits for it. Rejects with its words. */
export async function systemctl(
  exec: Exec,
  verb: Verb,
  units: readonly string[] = [],
): Promise<void> {
  const { exitCode, stderr } = await exec.run({
    file: PATHS.systemctl,
    args: systemctlArguments(verb, units),
  });
  if (exitCode === 0) return;
  const act = [verb, ...units].join(" ");
  throw new ApiError(
    "apiserver.command-failed",
    `Cannot ${act}: systemctl says "${stderr.trim()}"`,
    {
      details: { exit_code: exitCode },
      ...(units[0] === undefined ? {} : { hint: `See journalctl --unit=${units[0]}.` }),
    },
  );
}
