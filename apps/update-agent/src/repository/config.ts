import { EXIT } from "@ballast/errors";
import { UpdateAgentConfig } from "@ballast/model";
import type { AgentContext } from "../context.ts";
import { UpdateAgentError } from "../errors.ts";
import { PATHS } from "../paths.ts";

/** The settings, as the API server rendered them. Throws `update-agent.not-configured` or `bad-config`. */
export async function readConfig({ fs }: Pick<AgentContext, "fs">): Promise<UpdateAgentConfig> {
  const text = await fs.readText(PATHS.config);
  if (text === undefined)
    throw new UpdateAgentError(
      "update-agent.not-configured",
      `Cannot tell what the settings say of updates: there is no "${PATHS.config}"`,
      { exitCode: EXIT.badConfig, hint: "The API server writes it when it has the settings." },
    );
  try {
    return UpdateAgentConfig.parse(JSON.parse(text));
  } catch (cause) {
    throw new UpdateAgentError("update-agent.bad-config", `Cannot read "${PATHS.config}"`, {
      cause,
      exitCode: EXIT.badConfig,
    });
  }
}
