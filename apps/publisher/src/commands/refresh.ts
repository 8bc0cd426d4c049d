import type { RefreshCommand } from "../command.ts";
import { openRepository, publishTargets } from "../repository/repository.ts";
import type { Context } from "./context.ts";
import { openOnlineKeys } from "./online-keys.ts";
import { readPassphrase } from "./passphrase.ts";

export async function runRefresh(
  { stdout, now }: Context,
  { repository: folder, keys: keyFolder, passphraseFile }: RefreshCommand,
): Promise<void> {
  const repository = await openRepository(folder);
  const keys = await openOnlineKeys(
    keyFolder,
    await readPassphrase(passphraseFile),
    repository.root,
  );
  const { timestampVersion } = await publishTargets(
    repository,
    repository.targets.targets,
    keys,
    now,
  );
  await stdout(
    `Signed again, as version ${timestampVersion}.\n${rootWarning(repository.root.expires, now)}`,
  );
}

/** Only the keys of root can make a new one, and they are elsewhere. */
function rootWarning(expires: Temporal.Instant, now: Temporal.Instant): string {
  const days = Math.floor(expires.since(now).total("hours") / 24);
  return days > 60
    ? ""
    : `The root of trust expires in ${days} days: sign a new one in time (publisher renew-root).\n`;
}
