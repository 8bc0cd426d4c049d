import { UpdatesStatus } from "@ballast/model";
import type { Fs } from "@ballast/system";
import { ApiError } from "../api-error.ts";
import { PATHS } from "../paths.ts";

/** What the update agent has left; undefined before its first run in this boot. */
export async function readUpdatesStatus(fs: Fs): Promise<UpdatesStatus | undefined> {
  const text = await fs.readText(PATHS.updatesStatus);
  if (text === undefined) return undefined;
  try {
    return UpdatesStatus.parse(JSON.parse(text));
  } catch (cause) {
    throw new ApiError("apiserver.cannot-look", "Cannot read what the update agent has left", {
      cause,
      hint: "See journalctl --unit='update-agent@*'.",
    });
  }
}
