import type { ApiClient, Call } from "@ballast/api-client";
import { EXIT } from "@ballast/errors";
import type { ProgramContext } from "@ballast/service";
import { printText } from "./print-json.ts";

/** Prints the body as it came. */
export async function runRaw(
  context: ProgramContext,
  client: ApiClient,
  call: Call,
): Promise<number> {
  const options = { signal: context.signal, alsoOk: [503], timeoutMs: 15 * 60_000 };
  const text = await client.requestText(call, options);
  if (text !== "") await printText(context, text.endsWith("\n") ? text : `${text}\n`);
  return EXIT.ok;
}
