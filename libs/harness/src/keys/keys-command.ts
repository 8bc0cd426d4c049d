import { relative, resolve } from "node:path";
import { parseArgs } from "node:util";
import { BuildError } from "../core/build-error.ts";
import { repositoryPath } from "../core/paths.ts";
import { authenticodeSha256File } from "./authenticode.ts";
import { keysDirectory } from "./key-folder.ts";
import { makeKeys } from "./make-keys.ts";
import { revoke } from "./revoke.ts";
import { updateKeys } from "./update-keys.ts";

const HELP = `Usage: npm run keys [-- COMMAND]

Makes the keys of Secure Boot, unless they are there, and the files to enrol them on a machine.

Commands:
  (none)             make PK, KEK and db; write NAME.cer, NAME.esl and NAME.auth of each
  revoke FILE...     add signed images to the list of revoked ones: dbx.esl and dbx.auth
  hash FILE...       print the hash that an image is signed and revoked by

The keys are in images/keys, which git ignores, or in the folder BALLAST_KEYS (an absolute path). Nothing that exists is
overwritten but .auth files and dbx.esl. Guide: docs/guides/secure-boot.md
`;

/** `npm run keys`. Paths are meant from where it was called. */
export async function keysCommand(
  args: readonly string[],
  env: NodeJS.ProcessEnv = process.env,
): Promise<void> {
  const command = parse(args);
  if (command.isHelp) {
    process.stdout.write(HELP);
    return;
  }
  const files = command.files.map((file) => resolve(env["INIT_CWD"] ?? process.cwd(), file));
  const directory = keysDirectory(env);
  if (command.verb === "hash") {
    for (const file of files)
      process.stdout.write(`${await authenticodeSha256File(file)}  ${file}\n`);
    return;
  }
  if (command.verb === "revoke") {
    const { update, hashes } = await revoke(directory, files);
    process.stdout.write(`${shown(update)} revokes ${hashes.length} images\n`);
    return;
  }
  const how = await makeKeys(directory);
  process.stdout.write(`keys: ${how} in ${shown(directory)}\n`);
  for (const { variable, update, signer } of await updateKeys(directory))
    process.stdout.write(
      update === undefined
        ? `${variable}.auth is not written: ${signer}'s key is not here\n`
        : `${shown(update)}\n`,
    );
}

interface KeysArguments {
  readonly verb: "make" | "revoke" | "hash";
  readonly files: readonly string[];
  readonly isHelp: boolean;
}

function parse(args: readonly string[]): KeysArguments {
  const usage = (reason: string): BuildError =>
    new BuildError("build.usage", `Cannot understand the command: ${reason}`, { hint: HELP });
  let parsed;
  try {
    parsed = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: { help: { type: "boolean", short: "h" } },
    });
  } catch (error) {
    throw usage(error instanceof Error ? error.message : String(error));
  }
  const [verb = "make", ...files] = parsed.positionals;
  const isHelp = parsed.values.help === true;
  if (verb !== "make" && verb !== "revoke" && verb !== "hash") throw usage(`there is no "${verb}"`);
  if (verb === "make" && files.length > 0) throw usage(`"make" takes no files`);
  if (verb !== "make" && files.length === 0 && !isHelp) throw usage(`"${verb}" needs a file`);
  return { verb, files, isHelp };
}

function shown(path: string): string {
  const short = relative(repositoryPath(), path);
  return short.startsWith("..") ? path : short;
}
