import * as path from "node:path";
import { EXIT } from "@ballast/errors";
import type { ProgramContext } from "@ballast/service";
import { ApiclientError } from "../apiclient-error.ts";
import type { ContextRequest } from "../command.ts";
import { parseRemote, readCredential } from "../connect.ts";
import { createPaint } from "../paint.ts";
import { columns } from "../text-layout.ts";
import { choosePlaces, noSuchContext, type Place } from "./choose-place.ts";
import { describeClient } from "./describe-client.ts";
import { readContexts, writeContexts, type Contexts } from "./context-file.ts";

type Add = Extract<ContextRequest, { readonly verb: "add" }>;

export async function runContext(
  context: ProgramContext,
  request: ContextRequest,
): Promise<number> {
  const { env } = context;
  const contexts = readContexts(env);
  switch (request.verb) {
    case "add": {
      const isCurrent = addContext(env, contexts, request, false);
      await tell(context, request, { added: request.name, current: isCurrent }, [
        isCurrent
          ? `Context ${request.name} is added, and is the current one`
          : `Context ${request.name} is added; apiclient context use ${request.name} makes it the current one`,
      ]);
      return EXIT.ok;
    }
    case "list":
      await tell(context, request, listOf(contexts), listLines(context, contexts));
      return EXIT.ok;
    case "use": {
      if (!contexts.byName.has(request.name)) throw noSuchContext(request.name, contexts);
      writeContexts(env, { ...contexts, current: request.name });
      const { remote } = contexts.byName.get(request.name) ?? {};
      await tell(context, request, { current: request.name }, [
        `Commands go to ${request.name} (${remote}) unless told otherwise`,
      ]);
      return EXIT.ok;
    }
    case "remove": {
      if (!contexts.byName.has(request.name)) throw noSuchContext(request.name, contexts);
      const byName = new Map(contexts.byName);
      byName.delete(request.name);
      const wasCurrent = contexts.current === request.name;
      writeContexts(env, { current: wasCurrent ? undefined : contexts.current, byName });
      await tell(context, request, { removed: request.name }, [
        `Context ${request.name} is removed; its credentials are left where they are`,
        ...(wasCurrent ? ["There is no current context now"] : []),
      ]);
      return EXIT.ok;
    }
    case "show":
      break;
  }
  await show(context, request);
  return EXIT.ok;
}

/** Answers whether it is the current one: the first one is, so that it can be used at once. */
export function addContext(
  env: ProgramContext["env"],
  contexts: Contexts,
  { name, remote, credentials }: Pick<Add, "name" | "remote" | "credentials">,
  mayReplace: boolean,
): boolean {
  if (!mayReplace) refuseTaken(contexts, name);
  parseRemote(remote);
  const directory = path.resolve(credentials);
  for (const file of ["ca.pem", "client.pem", "client.key"])
    readCredential(path.join(directory, file));
  const byName = new Map(contexts.byName).set(name, { remote, credentials: directory });
  const current = contexts.current ?? name;
  writeContexts(env, { current, byName });
  return current === name;
}

export function refuseTaken({ byName }: Contexts, name: string): void {
  const taken = byName.get(name);
  if (taken === undefined) return;
  throw new ApiclientError(
    "apiclient.exists",
    `Cannot add context "${name}": it exists already, for ${taken.remote}`,
    { exitCode: EXIT.failed, hint: `apiclient context remove ${name} takes it away.` },
  );
}

function listOf({ current, byName }: Contexts) {
  return [...byName].map(([name, place]) => ({ name, ...place, current: name === current }));
}

function listLines(context: ProgramContext, contexts: Contexts): string[] {
  const rows = listOf(contexts);
  if (rows.length === 0) return ['There are no contexts; "apiclient context add" makes one'];
  const paint = createPaint(context);
  return columns(
    rows.map(({ name, remote, credentials, current }) => [
      current ? "*" : " ",
      name,
      remote,
      credentials,
    ]),
  ).map((line, index) => (rows[index]?.current === true ? paint("strong", line) : line));
}

/** What a command would call, and why; or what one context says. */
async function show(
  context: ProgramContext,
  request: Extract<ContextRequest, { readonly verb: "show" }>,
): Promise<void> {
  const connection = {
    context: request.name,
    remote: undefined,
    credentials: undefined,
    socket: undefined,
  };
  const { places, by } = choosePlaces(connection, context.env, () => readContexts(context.env));
  const told = places.map((place) => ({ ...factsOf(place), by }));
  const lines = told.flatMap((facts) =>
    columns([
      ...(facts.context === null ? [] : [["context", facts.context]]),
      ["machine", facts.machine],
      ...(facts.credentials === null ? [] : [["credentials", facts.credentials]]),
      ...(facts.client === null ? [] : [["client", facts.client]]),
      ["because of", request.name === undefined ? facts.by : "its name"],
    ]),
  );
  await tell(context, request, told, lines);
}

function factsOf(place: Place) {
  if (place.kind === "socket")
    return { context: null, machine: place.path, credentials: null, client: null };
  const { remote, credentials = null, context = null } = place;
  const client = credentials === null ? null : describeClient(credentials);
  return { context, machine: remote, credentials, client };
}

async function tell(
  { stdout }: ProgramContext,
  { json }: ContextRequest,
  value: unknown,
  lines: readonly string[],
): Promise<void> {
  // Colours are ours; what else could steer a terminal is not in a name, and a path is the user's own.
  await stdout(json ? `${JSON.stringify(value)}\n` : lines.map((line) => `${line}\n`).join(""));
}
