import type {
  CommitReport,
  ContainerList,
  Health,
  RollbackReport,
  SlotsReport,
} from "@ballast/model";
import { parseCommitReport, parseHealth } from "./answers.ts";
import type { ApiClient, CallOptions } from "./client.ts";
import { parseContainers } from "./container-answers.ts";
import { parseRollback, parseSlots } from "./slot-answers.ts";

type Options = Pick<CallOptions, "signal">;

/** Applying restarts services, and each restart may take a minute. */
export const APPLY_TIMEOUT_MS = 15 * 60_000;

/** The server has the partition table read or written by a program of its own. */
const SLOTS_TIMEOUT_MS = 2 * 60_000;

/** 503 is the answer of a machine that is not healthy, not a failure of the call. */
export async function getHealth(client: ApiClient, options: Options = {}): Promise<Health> {
  const call = { method: "GET", path: "/health" } as const;
  const { body } = await client.request(call, { ...options, alsoOk: [503] });
  return parseHealth(body);
}

export async function getOs(client: ApiClient, options: Options = {}): Promise<unknown> {
  const { body } = await client.request({ method: "GET", path: "/os" }, options);
  return body;
}

/** Nested effective settings at and below the prefix; the empty prefix means all. */
export async function getSettings(
  client: ApiClient,
  prefix: string,
  options: Options = {},
): Promise<unknown> {
  const query = prefix === "" ? {} : { prefix };
  const { body } = await client.request({ method: "GET", path: "/settings", query }, options);
  return body;
}

/** Stages nested settings in a transaction. */
export async function patchSettings(
  client: ApiClient,
  tx: string,
  settings: unknown,
  options: Options = {},
): Promise<void> {
  const call = { method: "PATCH", path: "/settings", query: { tx }, body: settings } as const;
  await client.request(call, options);
}

/** Stages `key=value` texts in a transaction. */
export async function patchKeypairs(
  client: ApiClient,
  tx: string,
  pairs: readonly string[],
  options: Options = {},
): Promise<void> {
  const body = { request_payload: pairs };
  const call = { method: "PATCH", path: "/settings/keypair", query: { tx }, body } as const;
  await client.request(call, options);
}

export async function dropTransaction(
  client: ApiClient,
  tx: string,
  options: Options = {},
): Promise<void> {
  await client.request({ method: "DELETE", path: "/tx", query: { tx } }, options);
}

export interface CommitOptions extends Options {
  /** The commit is refused when the settings are no longer those of this ETag. */
  readonly ifMatch?: string | undefined;
  /** The commit is taken back unless it is confirmed in this time. */
  readonly trySeconds?: number | undefined;
  /** The commit is taken back if a service cannot be applied. */
  readonly rollbackOnFailure?: boolean;
}

export async function commitAndApply(
  client: ApiClient,
  tx: string,
  { ifMatch, trySeconds, rollbackOnFailure, ...options }: CommitOptions = {},
): Promise<CommitReport> {
  const query = {
    tx,
    "try-seconds": trySeconds === undefined ? undefined : String(trySeconds),
    "rollback-on-failure": rollbackOnFailure === true ? "true" : undefined,
  };
  const match = ifMatch === undefined ? {} : { ifMatch };
  const call = { method: "POST", path: "/tx/commit_and_apply", query, ...match } as const;
  const { body } = await client.request(call, { ...options, timeoutMs: APPLY_TIMEOUT_MS });
  return parseCommitReport(body);
}

export async function act(
  client: ApiClient,
  action: "reboot" | "shutdown",
  options: Options = {},
): Promise<void> {
  await client.request({ method: "POST", path: `/actions/${action}` }, options);
}

/** Both slots, and why the one that does not run failed, if it did. */
export async function getSlots(client: ApiClient, options: Options = {}): Promise<SlotsReport> {
  const call = { method: "GET", path: "/slots" } as const;
  const { body } = await client.request(call, { ...options, timeoutMs: SLOTS_TIMEOUT_MS });
  return parseSlots(body);
}

/** The containers of the settings, and how they are. */
export async function getContainers(
  client: ApiClient,
  options: Options = {},
): Promise<ContainerList> {
  const { body } = await client.request({ method: "GET", path: "/containers" }, options);
  return parseContainers(body);
}

/** Boots the slot that does not run next, now or at the next restart. */
export async function rollback(
  client: ApiClient,
  reboot: boolean,
  options: Options = {},
): Promise<RollbackReport> {
  const query = { reboot: String(reboot) };
  const call = { method: "POST", path: "/actions/rollback", query } as const;
  const { body } = await client.request(call, { ...options, timeoutMs: SLOTS_TIMEOUT_MS });
  return parseRollback(body);
}

export interface LogQuery {
  readonly follow?: boolean;
  readonly unit?: string;
  readonly lines?: number;
}

export interface ContainerLogQuery {
  /** `NAME`, or with its kind: `host/NAME`. */
  readonly container: string;
  readonly follow?: boolean;
  readonly lines?: number;
  /** An age (`10m`) or a time (RFC 3339). */
  readonly since?: string;
}

/** What a container prints, one JSON object a line: `{time, stream, text, partial?}`, or `{lost}`. */
export function streamContainerLogs(
  client: ApiClient,
  { container, follow, lines, since }: ContainerLogQuery,
  options: Options = {},
): AsyncGenerator<string> {
  const query = {
    name: container,
    follow: follow === true ? "true" : undefined,
    lines: lines === undefined ? undefined : String(lines),
    since,
  };
  return client.lines({ method: "GET", path: "/containers/logs", query }, options);
}

/** The journal, one JSON object a line, as journalctl writes them. */
export function streamLogs(
  client: ApiClient,
  { follow, unit, lines }: LogQuery,
  options: Options = {},
): AsyncGenerator<string> {
  const query = {
    follow: follow === true ? "true" : undefined,
    unit,
    lines: lines === undefined ? undefined : String(lines),
  };
  return client.lines({ method: "GET", path: "/logs", query }, options);
}
