import { existsSync, readdirSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import {
  commitAndApply,
  confirmTry,
  createApiClient,
  getOs,
  patchSettings,
  type ApiClient,
  type Target,
} from "@ballast/api-client";
import { describeError, EXIT, UsageError } from "@ballast/errors";
import type { ProgramContext } from "@ballast/service";
import { ApiclientError } from "../apiclient-error.ts";
import { writeFolder, type NewFile } from "../bootstrap/folder.ts";
import type { CertsRequest } from "../command.ts";
import { orDrop, privateTransaction } from "../commands/transaction.ts";
import { findPlace, readCredential, targetOf } from "../connect.ts";
import { renewCertificates, type Renewed } from "./renew.ts";

/** In this time the machine must answer with the new certificates, or it takes the former ones back. */
const TRY_SECONDS = 60;
const PROBES = 10;
const PROBE_PAUSE_MS = 1000;

const MODES: Readonly<Record<string, number>> = {
  "ca.pem": 0o644,
  "ca.key": 0o600,
  "server.pem": 0o644,
  "server.key": 0o600,
  "client.pem": 0o644,
  "client.key": 0o600,
  "user-data.toml": 0o600,
};

/**
 * Renews the certificates of a machine. At no moment is it reachable by neither the former nor the new ones: they are of
 * one authority, and the machine takes the new ones only for a time until the new client has confirmed them.
 */
export async function runCertsRotate(
  context: ProgramContext,
  { connection, days, json }: CertsRequest,
): Promise<number> {
  const place = findPlace(connection, context.env, "certs");
  const target = targetOf(place);
  if ("socketPath" in target || place.kind === "socket" || place.credentials === undefined)
    throw new UsageError(
      "Cannot rotate certificates: they are of the remote API, so it must be called by --remote or --context",
      'See "apiclient certs --help".',
    );
  const folder = place.credentials;
  const texts = readFolder(folder);
  const text = (name: string): string => texts.get(name) ?? readCredential(`${folder}/${name}`);
  const former = {
    ca: { certificate: text("ca.pem"), key: text("ca.key") },
    server: text("server.pem"),
    client: text("client.pem"),
  };
  const renewed = await renewCertificates(former, days, Date.now());
  await replaceOnMachine(context, target, renewed);
  const files = newFiles(texts, renewed);
  const { path, movedTo } = writeFolder(folder, files, true);
  const report = { directory: path, former: movedTo, expires: renewed.expires.toISOString() };
  await context.stdout(
    json
      ? `${JSON.stringify(report)}\n`
      : `The machine uses new certificates, valid until ${report.expires}\nNew credentials are in ${path}, the former ones in ${movedTo ?? "no place"}\n`,
  );
  return EXIT.ok;
}

/** Everything there must be known before anything is changed: afterwards the directory is replaced as a whole. */
function readFolder(folder: string): Map<string, string> {
  const names = existsSync(folder) ? readdirSync(folder) : [];
  const foreign = names.find((name) => MODES[name] === undefined);
  if (foreign !== undefined)
    throw new ApiclientError(
      "apiclient.exists",
      `Cannot rotate certificates in "${folder}": it holds "${foreign}" too`,
      { exitCode: EXIT.failed, hint: "Move it out of the directory. Nothing was changed." },
    );
  return new Map(names.map((name) => [name, readCredential(`${folder}/${name}`)]));
}

async function replaceOnMachine(
  context: ProgramContext,
  target: Exclude<Target, { readonly socketPath: string }>,
  { server, client }: Renewed,
): Promise<void> {
  const { signal } = context;
  const before = createApiClient(target);
  const after = createApiClient({ ...target, cert: client.certificate, key: client.key });
  const tx = privateTransaction("certs-rotate");
  const remote = { "server-certificate": server.certificate, "server-key": server.key };
  await patchSettings(before, tx, { api: { remote } }, { signal });
  const report = await orDrop(context, before, tx, () =>
    commitAndApply(before, tx, { signal, trySeconds: TRY_SECONDS, rollbackOnFailure: true }),
  );
  const failed = report.services.find(({ status }) => status === "failed");
  if (report.try === undefined || failed !== undefined)
    throw notRotated(failed?.reason ?? "the machine did not take them");
  await untilAnswered(after, signal);
  await confirmTry(after, report.try.token, { signal });
}

async function untilAnswered(client: ApiClient, signal: AbortSignal): Promise<void> {
  for (let probe = 1; ; probe += 1)
    try {
      await getOs(client, { signal });
      return;
    } catch (error) {
      signal.throwIfAborted();
      if (probe === PROBES)
        throw notRotated(`it does not answer with the new ones: ${describeError(error)}`);
      await delay(PROBE_PAUSE_MS, undefined, { signal });
    }
}

function notRotated(reason: string): ApiclientError {
  return new ApiclientError(
    "apiclient.not-rotated",
    `Cannot rotate the certificates of the machine: ${reason}`,
    {
      exitCode: EXIT.failed,
      hint: `The former certificates hold again after at most ${TRY_SECONDS} s; nothing was changed in the directory.`,
    },
  );
}

/** The user data of the machine holds the server's certificate too. */
function newFiles(texts: ReadonlyMap<string, string>, { server, client }: Renewed): NewFile[] {
  const fresh = new Map([
    ["server.pem", server.certificate],
    ["server.key", server.key],
    ["client.pem", client.certificate],
    ["client.key", client.key],
  ]);
  return [...texts].map(([name, text]) => ({
    name,
    text: fresh.get(name) ?? replaceAll(text, texts, fresh),
    mode: MODES[name] ?? 0o600,
  }));
}

function replaceAll(
  text: string,
  former: ReadonlyMap<string, string>,
  fresh: ReadonlyMap<string, string>,
): string {
  let result = text;
  for (const [name, next] of fresh) {
    const old = former.get(name);
    if (old !== undefined && old !== "") result = result.replaceAll(old, () => next);
  }
  return result;
}
