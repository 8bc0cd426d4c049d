import { describeError } from "@ballast/errors";
import { UpdatesStatus } from "@ballast/model";
import type { AgentContext } from "../context.ts";
import { PATHS } from "../paths.ts";

type Parts = Pick<AgentContext, "fs" | "log">;

/** What was written last in this boot, if it can be read. */
export async function readStatusFile({ fs, log }: Parts): Promise<UpdatesStatus | undefined> {
  try {
    const text = await fs.readText(PATHS.status);
    return text === undefined ? undefined : UpdatesStatus.parse(JSON.parse(text));
  } catch (error) {
    log.warn("Status of updates cannot be read, written anew", { reason: describeError(error) });
    return undefined;
  }
}

/** For the API server. A full disk may keep it from being told, but not from being done. */
export async function writeStatusFile({ fs, log }: Parts, status: UpdatesStatus): Promise<void> {
  try {
    await fs.writeDurable(PATHS.status, `${JSON.stringify(status)}\n`, 0o644);
  } catch (error) {
    log.warn("Cannot write status of updates", { reason: describeError(error) });
  }
}
