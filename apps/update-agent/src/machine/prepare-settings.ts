import { describeError } from "@ballast/errors";
import type { AgentContext } from "../context.ts";
import { UpdateAgentError } from "../errors.ts";
import { PATHS } from "../paths.ts";

/**
 * Has the settings made for the version in the other slot, should it be older: it cannot make them from those of a newer one by
 * itself. From then on they follow what is committed. Throws `update-agent.settings`.
 */
export async function prepareSettings(
  { exec }: Pick<AgentContext, "exec">,
  version: string,
): Promise<void> {
  const reason = await refusal(exec, version);
  if (reason === undefined) return;
  throw new UpdateAgentError(
    "update-agent.settings",
    `Cannot prepare the settings for ${version}: ${reason}`,
    { hint: "The slot that runs stays the one to boot." },
  );
}

async function refusal(exec: AgentContext["exec"], version: string): Promise<string | undefined> {
  try {
    const args = ["prepare", "--for", version];
    const { exitCode, stderr } = await exec.run({ file: PATHS.migrator, args });
    return exitCode === 0 ? undefined : stderr.trim().slice(0, 1000);
  } catch (error) {
    return describeError(error);
  }
}
