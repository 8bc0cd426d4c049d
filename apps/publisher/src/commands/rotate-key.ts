import type { RootContent, SigningKey } from "@ballast/tuf/repository";
import type { RenewRootCommand, RotateKeyCommand } from "../command.ts";
import { openKeyFiles, openKeys, placeKeys, prepareKeys } from "../keys/key-folder.ts";
import { nextRoot, putRoot, signNextRoot } from "../repository/next-root.ts";
import { openRepository, publishTargets } from "../repository/repository.ts";
import type { Context } from "./context.ts";
import { openBothKeys } from "./online-keys.ts";
import { readPassphrase } from "./passphrase.ts";

/** The same keys for another year. */
export async function runRenewRoot(
  { stdout, now }: Context,
  command: RenewRootCommand,
): Promise<void> {
  const repository = await openRepository(command.repository);
  const root = nextRoot(repository.root, undefined, now);
  const text = signNextRoot(repository.root, root, await openRootKeys(command));
  if (!command.dryRun) await putRoot(repository, root, text);
  await stdout(report(command, root, []));
}

/**
 * New keys for a role. Metadata that old and new ones have signed are out before the root that names the new ones: whichever root a
 * client has, it goes on.
 */
export async function runRotateKey(
  { stdout, now }: Context,
  command: RotateKeyCommand,
): Promise<void> {
  const { role, keys: folder } = command;
  const repository = await openRepository(command.repository);
  const passphrase = await readPassphrase(command.passphraseFile);
  const before = repository.root;
  const { threshold, keys: had } = before.roles[role];
  const rootVersion = before.version + 1;
  const fresh = await prepareKeys(folder, { role, rootVersion, count: had.length }, passphrase);
  const keys = fresh.map(({ key }) => key);
  const root = nextRoot(before, { role, keys: { keys, threshold } }, now);
  const text = signNextRoot(before, root, [
    ...(await openRootKeys(command)),
    ...(role === "root" ? keys : []),
  ]);
  const online =
    role === "root"
      ? undefined
      : await openBothKeys(folder, passphrase, before, { role, fresh: keys });
  if (!command.dryRun) {
    await placeKeys(fresh, passphrase);
    if (online !== undefined)
      await publishTargets(repository, repository.targets.targets, online, now);
    await putRoot(repository, root, text);
  }
  await stdout(
    report(
      command,
      root,
      fresh.map(({ path }) => path),
    ),
  );
}

/** Where they are named, else beside the others. */
async function openRootKeys(command: RotateKeyCommand | RenewRootCommand): Promise<SigningKey[]> {
  const { keys, rootKeyFiles, passphraseFile, rootPassphraseFile } = command;
  const passphrase = await readPassphrase(rootPassphraseFile ?? passphraseFile);
  return rootKeyFiles.length === 0
    ? openKeys(keys, "root", passphrase)
    : openKeyFiles(rootKeyFiles, passphrase);
}

function report(
  command: RotateKeyCommand | RenewRootCommand,
  { version, expires, roles }: RootContent,
  files: readonly string[],
): string {
  const { json, dryRun } = command;
  const role = command.do === "rotate-key" ? command.role : undefined;
  if (json)
    return `${JSON.stringify(
      {
        ...{ root_version: version, expires: expires.toString(), published: !dryRun },
        ...(role === undefined
          ? {}
          : { role, key_ids: roles[role].keys.map(({ id }) => id), key_files: files }),
      },
      undefined,
      2,
    )}\n`;
  const lines = [
    `Root version ${version} ${dryRun ? "would hold" : "is out, and holds"} until ${expires.toString()}; machines follow by themselves.`,
    ...(role === undefined ? [] : [`New keys of ${role}: ${files.join(", ")}`]),
    ...(role === undefined ? [] : [`The old ones have no say any more: destroy them.`]),
    ...(role === "root" ? ["Keep each of the new ones in another place, as those before."] : []),
  ];
  return `${lines.join("\n")}\n`;
}
