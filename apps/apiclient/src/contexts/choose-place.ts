import { UsageError } from "@ballast/errors";
import { nearTexts } from "@ballast/model/near-text";
import type { Connection } from "../command.ts";
import type { Contexts, Environment } from "./context-file.ts";

/** Where a machine is, before anything of it is read. */
export type Place =
  | { readonly kind: "socket"; readonly path: string }
  | {
      readonly kind: "remote";
      readonly remote: string;
      readonly credentials: string | undefined;
      /** Name of the context that says so. */
      readonly context: string | undefined;
    };

/** What decided, in words. */
export interface Choice {
  readonly places: readonly Place[];
  readonly by: string;
}

const DEFAULT_SOCKET = "/run/ballast/api.sock";

/**
 * Options, then the environment, then the current context, then the socket of this machine. `readContexts` is asked only
 * when a context may be meant. Throws UsageError for a context that is not there.
 */
export function choosePlaces(
  connection: Connection,
  env: Environment,
  readContexts: () => Contexts,
): Choice {
  const credentials = connection.credentials ?? (env["BALLAST_CREDENTIALS"] || undefined);
  const at = (remote: string): readonly Place[] => [
    { kind: "remote", remote, credentials, context: undefined },
  ];
  const named = (names: string): readonly Place[] =>
    namesOf(names).map((name) => placeOf(name, connection.credentials, readContexts()));
  if (connection.socket !== undefined)
    return { places: [{ kind: "socket", path: connection.socket }], by: "--socket" };
  if (connection.remote !== undefined) return { places: at(connection.remote), by: "--remote" };
  if (connection.context !== undefined)
    return { places: named(connection.context), by: "--context" };
  const { BALLAST_CONTEXT: context, BALLAST_REMOTE: remote, BALLAST_SOCKET: socket } = env;
  if (context) return { places: named(context), by: "BALLAST_CONTEXT" };
  if (remote) return { places: at(remote), by: "BALLAST_REMOTE" };
  if (socket) return { places: [{ kind: "socket", path: socket }], by: "BALLAST_SOCKET" };
  const { current } = readContexts();
  if (current !== undefined) return { places: named(current), by: "the current context" };
  return { places: [{ kind: "socket", path: DEFAULT_SOCKET }], by: "nothing else is told" };
}

function namesOf(text: string): string[] {
  return [...new Set(text.split(",").map((name) => name.trim()))];
}

/** `credentials` of an option count before those of the context. */
function placeOf(name: string, credentials: string | undefined, contexts: Contexts): Place {
  const context = contexts.byName.get(name);
  if (context === undefined) throw noSuchContext(name, contexts);
  return {
    kind: "remote",
    remote: context.remote,
    credentials: credentials ?? context.credentials,
    context: name,
  };
}

export function noSuchContext(name: string, { byName }: Contexts): UsageError {
  const names = [...byName.keys()];
  const near = nearTexts(name, names).map((one) => `"${one}"`);
  const known =
    names.length === 0
      ? 'There are none yet; "apiclient context add" makes one.'
      : near.length > 0
        ? `Did you mean ${near.join(" or ")}?`
        : `There are: ${names.join(", ")}.`;
  return new UsageError(`There is no context "${name}"`, known);
}
