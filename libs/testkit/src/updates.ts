import { setTimeout as sleep } from "node:timers/promises";
import { UpdatesStatus } from "@ballast/model";
import type { Guest } from "./guest.ts";
import type { UpdateRepository } from "./update-repository.ts";

/** A network on which the guest meets the machine that tests, and so the repository of releases. */
export const UPDATES_CARD = {
  id: "updates",
  mac: "52:54:00:50:00:07",
  plug: "user,net=10.0.7.0/24",
} as const;
const ROUTER = "10.0.7.2";

/** What a guest with {@link UPDATES_CARD} must be set to to follow the repository. */
export function updateSettings({ port }: Pick<UpdateRepository, "port">) {
  const base = `http://${ROUTER}:${port}`;
  return {
    "metadata-base-url": `${base}/metadata`,
    "targets-base-url": `${base}/targets`,
  };
}

const PAUSE_MS = 200;
/** Of one update, on a busy computer that emulates. */
const LIMIT_MS = 600_000;

export async function changeSettings(guest: Guest, settings: unknown): Promise<void> {
  await guest.api.call("PATCH", "/settings", settings);
  await guest.api.call("POST", "/tx/commit_and_apply");
}

/** Patient: a guest that writes its disk under emulation answers late. */
export async function fetchUpdates({ api }: Guest): Promise<UpdatesStatus> {
  const { text } = await api.send({ path: "/updates/status", timeoutMs: LIMIT_MS });
  return UpdatesStatus.parse(JSON.parse(text));
}

/** Waits until a status fits. */
export async function waitUpdates(
  guest: Guest,
  fits: (status: UpdatesStatus) => boolean,
): Promise<UpdatesStatus> {
  const deadlineMs = performance.now() + LIMIT_MS;
  for (;;) {
    const status = await fetchUpdates(guest);
    if (fits(status)) return status;
    if (performance.now() > deadlineMs)
      throw new Error(`Updates did not get there: ${JSON.stringify(status)}`);
    await sleep(PAUSE_MS);
  }
}

/** Writes the chosen update, or what `request` names, to the other slot, and chooses that. Gives what the last command said. */
export async function installUpdate(guest: Guest, request: object = {}): Promise<UpdatesStatus> {
  const before = (await fetchUpdates(guest)).most_recent_command;
  await guest.api.call("POST", "/actions/prepare-update", request, LIMIT_MS);
  const { update_state: state, most_recent_command: last } = await waitUpdates(
    guest,
    ({ progress, most_recent_command: command }) =>
      progress === null &&
      command?.cmd_type === "prepare" &&
      command.timestamp !== before?.timestamp,
  );
  if (state !== "Staged" || last?.cmd_status !== "Success")
    throw new Error(`The update was not prepared: ${JSON.stringify(last)}`);
  await guest.api.call("POST", "/actions/activate-update", {}, LIMIT_MS);
  return fetchUpdates(guest);
}
