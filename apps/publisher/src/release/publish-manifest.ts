import { MANIFEST_TARGET, writeManifest, type Manifest } from "@ballast/updates";
import type { TargetContent } from "@ballast/tuf/repository";
import { publishTargets, type OnlineKeys, type Repository } from "../repository/repository.ts";
import { putText } from "./put-target.ts";

/** Publishes another manifest, and targets that it names newly, whose files are in place. */
export async function publishManifest(
  repository: Repository,
  manifest: Manifest,
  { keys, now }: { readonly keys: OnlineKeys; readonly now: Temporal.Instant },
  added: ReadonlyMap<string, TargetContent> = new Map(),
): Promise<Repository> {
  const text = await putText(repository, MANIFEST_TARGET, writeManifest(manifest));
  const targets = new Map([...repository.targets.targets, ...added, [MANIFEST_TARGET, text]]);
  return publishTargets(repository, targets, keys, now);
}
