import type { Exec } from "@ballast/system";
import { ApiError } from "../api-error.ts";
import { PATHS } from "../paths.ts";

/** Resolves when systemd has taken the job, before it stops this server. */
export async function changePower(exec: Exec, verb: "reboot" | "poweroff"): Promise<void> {
  const { exitCode, stderr } = await exec.run({
    file: PATHS.systemctl,
    args: ["--no-block", "--no-wall", "--no-ask-password", verb],
  });
  if (exitCode !== 0)
    throw new ApiError(
      "apiserver.command-failed",
      `Cannot ${verb}: systemctl says "${stderr.trim()}"`,
    );
}
