import type { CommitReport, History, Plan, RestoreReport, TryState } from "@ballast/model";
import { parseCommitReport } from "./answers.ts";
import { APPLY_TIMEOUT_MS } from "./calls.ts";
import type { ApiClient, CallOptions } from "./client.ts";
import { parseHistory, parsePlan, parseRestore, parseTryState } from "./settings-answers.ts";

type Options = Pick<CallOptions, "signal">;

/** A part of an answer together with the settings that it is about. */
export interface WithEtag<Value> {
  readonly value: Value;
  readonly etag: string | undefined;
}

export async function getSettingsWithEtag(
  client: ApiClient,
  options: Options = {},
): Promise<WithEtag<unknown>> {
  const { body, etag } = await client.request({ method: "GET", path: "/settings" }, options);
  return { value: body, etag };
}

/** Stages that these settings, or entries of maps, are taken away. */
export async function unsetSettings(
  client: ApiClient,
  tx: string,
  keys: readonly string[],
  options: Options = {},
): Promise<void> {
  const query = { tx, keys: keys.join(",") };
  await client.request({ method: "DELETE", path: "/settings", query }, options);
}

/** What committing and applying a transaction would do. Waits while something else is applied. */
export async function getPlan(
  client: ApiClient,
  tx: string,
  options: Options = {},
): Promise<WithEtag<Plan>> {
  const call = { method: "GET", path: "/tx/plan", query: { tx } } as const;
  const answer = await client.request(call, { ...options, timeoutMs: APPLY_TIMEOUT_MS });
  return { value: parsePlan(answer.body), etag: answer.etag };
}

/** The last commits, newest first. */
export async function getHistory(client: ApiClient, options: Options = {}): Promise<History> {
  const { body } = await client.request({ method: "GET", path: "/history" }, options);
  return parseHistory(body);
}

/** Stages what leads back to the settings right after a commit. */
export async function restoreCommit(
  client: ApiClient,
  id: number,
  tx: string,
  options: Options = {},
): Promise<WithEtag<RestoreReport>> {
  const query = { id: String(id), tx };
  const call = { method: "POST", path: "/history/restore", query } as const;
  const { body, etag } = await client.request(call, options);
  return { value: parseRestore(body), etag };
}

/** The commit that waits to be confirmed. */
export async function getTry(client: ApiClient, options: Options = {}): Promise<TryState> {
  const { body } = await client.request({ method: "GET", path: "/tx/try" }, options);
  return parseTryState(body);
}

export async function confirmTry(
  client: ApiClient,
  token: string,
  options: Options = {},
): Promise<void> {
  const call = { method: "POST", path: "/tx/confirm", query: { token } } as const;
  await client.request(call, { ...options, timeoutMs: APPLY_TIMEOUT_MS });
}

/** Takes the waiting commit back at once. */
export async function revertTry(
  client: ApiClient,
  token: string,
  options: Options = {},
): Promise<CommitReport> {
  const call = { method: "POST", path: "/tx/revert", query: { token } } as const;
  const { body } = await client.request(call, { ...options, timeoutMs: APPLY_TIMEOUT_MS });
  return parseCommitReport(body);
}
