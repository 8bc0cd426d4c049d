import { existsSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { execa, ExecaError } from "execa";
import { REPOSITORY } from "./paths.ts";
import type { ClientIdentity } from "./remote-api.ts";
import { VmError } from "./vm-error.ts";

const APICLIENT = join(REPOSITORY, "apps/apiclient/src/main.ts");
/** Written by `apiclient bootstrap`: settings that turn the remote API on. */
const USER_DATA = "user-data.toml";

/** Makes CA, certificates and user data for one guest, unless they are there. */
export async function ensureCredentials(
  directory: string,
  options: { readonly days?: number } = {},
): Promise<void> {
  if (existsSync(join(directory, USER_DATA))) return;
  const days = options.days === undefined ? [] : ["--days", String(options.days)];
  const args = [APICLIENT, "bootstrap", "--out", directory, ...days];
  try {
    await execa("node", args, { preferLocal: true, localDir: REPOSITORY, stdin: "ignore" });
  } catch (error) {
    if (!(error instanceof ExecaError)) throw error;
    throw new VmError("vm.credentials", `Cannot make credentials in "${directory}"`, {
      cause: error,
    });
  }
}

/** What a client needs to be let in as admin. */
export async function readIdentity(directory: string): Promise<ClientIdentity> {
  const [ca, certificate, key] = await Promise.all(
    ["ca.pem", "client.pem", "client.key"].map((name) => readFile(join(directory, name), "utf8")),
  );
  return { ca: ca ?? "", certificate: certificate ?? "", key: key ?? "" };
}

/**
 * Writes the user data of the first boot: the user's own settings, then those that turn the remote API on. The user's
 * come first, so that keys before a table header stay at the top level.
 */
export async function writeUserData(options: {
  readonly credentials: string;
  readonly ownFile: string | undefined;
  readonly target: string;
}): Promise<void> {
  const remote = await readFile(join(options.credentials, USER_DATA), "utf8");
  const own = options.ownFile === undefined ? "" : await readFile(options.ownFile, "utf8");
  await writeFile(options.target, `${own}\n${remote}`, { mode: 0o600 });
}
