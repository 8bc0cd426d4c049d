import type { Exec } from "@ballast/system";
import { ApiError } from "../api-error.ts";
import { PATHS } from "../paths.ts";

/** Has systemd do something and waits for it. Rejects with its words. */
export async function systemctl(
  exec: Exec,
  verb: "restart" | "daemon-reload",
  units: readonly string[] = [],
): Promise<void> {
  const { exitCode, stderr } = await exec.run({
    file: PATHS.systemctl,
    args: ["--no-ask-password", verb, ...units],
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
