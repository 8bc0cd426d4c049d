import { EXIT } from "@ballast/errors";
import { UpdateRequest } from "@ballast/model";
import { isVersion } from "@ballast/updates";
import type { AgentContext } from "../context.ts";
import { UpdateAgentError } from "../errors.ts";
import { PATHS } from "../paths.ts";

/** Far more than any request has. */
const MAX_BYTES = 16 * 1024;

/**
 * What the API server left for this run, taken away: it is of one run, also of one that fails. Nothing left is no wish at all.
 * Throws `update-agent.bad-request`.
 */
export async function takeRequest(
  { fs }: Pick<AgentContext, "fs">,
  command: string,
): Promise<UpdateRequest> {
  const path = `${PATHS.requests}/${command}.json`;
  try {
    const text = await fs.readText(path, { maxBytes: MAX_BYTES });
    if (text === undefined) return {};
    const request = UpdateRequest.parse(JSON.parse(text));
    const { version } = request;
    // As the settings take it.
    const plain = version?.replace(/^v/, "");
    if (plain !== undefined && !isVersion(plain))
      throw new TypeError(`${JSON.stringify(version)} is no semantic version`);
    return plain === undefined ? request : { ...request, version: plain };
  } catch (cause) {
    throw new UpdateAgentError("update-agent.bad-request", "Cannot read what is asked for", {
      cause,
      exitCode: EXIT.badData,
    });
  } finally {
    await fs.remove(path);
  }
}
