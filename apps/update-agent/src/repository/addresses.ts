import { EXIT } from "@ballast/errors";
import type { UpdateAgentConfig } from "@ballast/model";
import { UpdateAgentError } from "../errors.ts";

/** Where a repository is; both end with a slash. */
export interface Addresses {
  readonly metadataUrl: URL;
  readonly targetsUrl: URL;
}

/** Targets are beside the metadata unless the settings say where. Throws `update-agent.not-configured`. Pure. */
export function addressesOf(
  config: Pick<UpdateAgentConfig, "metadata_url" | "targets_url">,
): Addresses {
  const { metadata_url: metadata, targets_url: targets } = config;
  if (metadata === null)
    throw new UpdateAgentError(
      "update-agent.not-configured",
      "Cannot look for updates: the settings name no repository",
      { exitCode: EXIT.badConfig, hint: "Set settings.updates.metadata-base-url." },
    );
  const metadataUrl = folder(metadata);
  const targetsUrl = targets === null ? new URL("../targets/", metadataUrl) : folder(targets);
  return { metadataUrl, targetsUrl };
}

function folder(text: string): URL {
  const url = new URL(text);
  if (!url.pathname.endsWith("/")) url.pathname += "/";
  return url;
}
