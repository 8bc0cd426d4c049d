import { asRecord, getOs, getSettings, type ApiClient } from "@ballast/api-client";
import { EXIT } from "@ballast/errors";
import type { ProgramContext } from "@ballast/service";
import { printJson } from "./print-json.ts";
import { choose, merge, splitPrefix } from "./prefixes.ts";

/** One document with the facts and settings at and below the prefixes. */
export async function runGet(
  context: ProgramContext,
  client: ApiClient,
  { prefixes, json }: { readonly prefixes: readonly string[]; readonly json: boolean },
): Promise<number> {
  const options = { signal: context.signal };
  let document: unknown = {};
  for (const prefix of prefixes.length === 0 ? ["os", "settings"] : prefixes) {
    const { root, path } = splitPrefix(prefix);
    const part =
      root === "os"
        ? { os: choose(await getOs(client, options), path, prefix) }
        : { settings: asRecord(await getSettings(client, path, options)) ?? {} };
    document = merge(document, part);
  }
  await printJson(context, document, json);
  return EXIT.ok;
}

export async function runGetUri(
  context: ProgramContext,
  client: ApiClient,
  { uri, json }: { readonly uri: string; readonly json: boolean },
): Promise<number> {
  const options = { signal: context.signal, alsoOk: [503] };
  const { body } = await client.request({ method: "GET", path: uri }, options);
  await printJson(context, body ?? null, json);
  return EXIT.ok;
}
