import type { UpdateBundle, UpdatePlan, UpdateRequest, UpdatesStatus } from "@ballast/model";
import type { ApiClient, CallOptions } from "./client.ts";
import type { Upload } from "./exchange.ts";
import { parseUpdateBundle, parseUpdatePlan, parseUpdatesStatus } from "./update-answers.ts";

type Options = Pick<CallOptions, "signal" | "timeoutMs">;

/** The update agent is run, and may have to wait for a slow repository. */
const REPOSITORY_TIMEOUT_MS = 16 * 60_000;
const SLOTS_TIMEOUT_MS = 3 * 60_000;
/** A bundle is as long as it is; the server ends an upload that falls silent. */
const UPLOAD_TIMEOUT_MS = 24 * 60 * 60_000;

export async function getUpdatesStatus(
  client: ApiClient,
  options: Options = {},
): Promise<UpdatesStatus> {
  const call = { method: "GET", path: "/updates/status" } as const;
  const { body } = await client.request(call, { timeoutMs: SLOTS_TIMEOUT_MS, ...options });
  return parseUpdatesStatus(body);
}

/** What preparing would do; nothing is changed. */
export async function getUpdatePlan(
  client: ApiClient,
  request: UpdateRequest,
  options: Options = {},
): Promise<UpdatePlan> {
  const flag = (value: boolean | undefined): string | undefined =>
    value === true ? "true" : undefined;
  const query = {
    version: request.version,
    "ignore-waves": flag(request.ignore_waves),
    force: flag(request.force),
    bundle: flag(request.bundle),
    "ignore-expiry": flag(request.ignore_expiry),
  };
  const call = { method: "GET", path: "/updates/plan", query } as const;
  const { body } = await client.request(call, { timeoutMs: REPOSITORY_TIMEOUT_MS, ...options });
  return parseUpdatePlan(body);
}

/** Has the machine look for updates. */
export async function refreshUpdates(
  client: ApiClient,
  request: Pick<UpdateRequest, "ignore_waves">,
  options: Options = {},
): Promise<UpdatesStatus> {
  const call = { method: "POST", path: "/actions/refresh-updates", body: request } as const;
  const { body } = await client.request(call, { timeoutMs: REPOSITORY_TIMEOUT_MS, ...options });
  return parseUpdatesStatus(body);
}

/** Has the machine begin to write an update to the other slot; the status tells how it goes on. */
export async function prepareUpdate(
  client: ApiClient,
  request: UpdateRequest,
  options: Options = {},
): Promise<UpdatesStatus> {
  const call = { method: "POST", path: "/actions/prepare-update", body: request } as const;
  const { body } = await client.request(call, { timeoutMs: SLOTS_TIMEOUT_MS, ...options });
  return parseUpdatesStatus(body);
}

/** `activate`: the slot with the update boots next; `deactivate`: nothing is prepared any more, and this one boots next. */
export async function switchUpdate(
  client: ApiClient,
  act: "activate" | "deactivate",
  options: Options = {},
): Promise<UpdatesStatus> {
  const call = { method: "POST", path: `/actions/${act}-update` } as const;
  const { body } = await client.request(call, { timeoutMs: SLOTS_TIMEOUT_MS, ...options });
  return parseUpdatesStatus(body);
}

/** Hands a bundle to the machine. */
export async function uploadBundle(
  client: ApiClient,
  upload: Upload,
  options: Options = {},
): Promise<UpdateBundle> {
  const call = { method: "PUT", path: "/updates/bundle", upload } as const;
  const { body } = await client.request(call, { timeoutMs: UPLOAD_TIMEOUT_MS, ...options });
  return parseUpdateBundle(body);
}
