import {
  act,
  ApiError,
  getUpdatesStatus,
  prepareUpdate,
  refreshUpdates,
  safeText,
  switchUpdate,
  type ApiClient,
} from "@ballast/api-client";
import { EXIT } from "@ballast/errors";
import type { UpdatesStatus } from "@ballast/model";
import type { ProgramContext } from "@ballast/service";
import { ApiclientError } from "../apiclient-error.ts";
import type { UpdateApply } from "../update-command.ts";
import { follow, lastRun } from "./follow.ts";
import { createProgressLine, NO_PROGRESS_LINE, type ProgressLine } from "./progress-line.ts";
import { statusLines } from "./status-text.ts";
import { upload } from "./upload.ts";

const LOCKED = 423;

/** Looks, has the update written, and has it boot next; takes up what is being written already. */
export async function runApply(
  context: ProgramContext,
  client: ApiClient,
  command: UpdateApply,
): Promise<number> {
  const { stdout, signal } = context;
  const tell = (status: UpdatesStatus, text: string): Promise<void> =>
    stdout(command.json ? `${JSON.stringify(status)}\n` : text);
  const line = command.json ? NO_PROGRESS_LINE : createProgressLine(context);
  const { status: prepared, isThere } = await prepare(context, client, command, line);
  if (!isThere) {
    await tell(prepared, textOf(prepared));
    return EXIT.ok;
  }
  const isDone = command.prepareOnly || prepared.update_state === "Ready";
  const status = isDone ? prepared : await switchUpdate(client, "activate", { signal });
  if (command.reboot) await act(client, "reboot", { signal });
  await tell(status, doneText(status, command.reboot));
  return EXIT.ok;
}

function textOf(status: UpdatesStatus): string {
  return statusLines(status)
    .map((line) => `${safeText(line)}\n`)
    .join("");
}

/** What the machine comes up with. */
export function doneText(
  { update_state: state, staging_partition: staged }: UpdatesStatus,
  isRebooting: boolean,
): string {
  const version = safeText(staged?.image.version ?? "The update");
  if (isRebooting) return `${version} is ready: the machine restarts now\n`;
  return state === "Ready"
    ? `${version} is ready: it boots next, restart the machine with apiclient reboot\n`
    : `${version} is in the other slot: have it boot next with apiclient update activate\n`;
}

interface Prepared {
  readonly status: UpdatesStatus;
  /** The update is in the other slot; false: there is nothing to do. */
  readonly isThere: boolean;
}

async function prepare(
  context: ProgramContext,
  client: ApiClient,
  command: UpdateApply,
  line: ProgressLine,
): Promise<Prepared> {
  const { signal } = context;
  let before = await getUpdatesStatus(client, { signal });
  if (before.progress?.command === "prepare") return join(context, client, command, line, before);
  if (command.bundle === undefined) {
    const { ignore_waves } = command.request;
    before = await refreshUpdates(client, ignore_waves === true ? { ignore_waves } : {}, {
      signal,
    });
    const wanted = command.request.version ?? before.chosen_update?.version;
    if (wanted === undefined) return { status: before, isThere: false };
    if (command.request.force !== true && holds(before, wanted))
      return { status: before, isThere: true };
  } else await upload(context, client, line, command.bundle);
  try {
    await prepareUpdate(client, command.request, { signal });
  } catch (error) {
    // Somebody else was faster.
    if (!(error instanceof ApiError) || error.status !== LOCKED) throw error;
    const status = await getUpdatesStatus(client, { signal });
    if (status.progress?.command !== "prepare" || command.bundle !== undefined) throw error;
    return join(context, client, command, line, status);
  }
  return ended(await followed(context, client, line, before));
}

/** Whether the other slot holds this version already, read back and all. */
function holds(
  { update_state: state, staging_partition: staged }: UpdatesStatus,
  version: string,
): boolean {
  return (state === "Staged" || state === "Ready") && staged?.image.version === version;
}

async function join(
  context: ProgramContext,
  client: ApiClient,
  { request, bundle }: UpdateApply,
  line: ProgressLine,
  status: UpdatesStatus,
): Promise<Prepared> {
  if (bundle !== undefined) throw otherUpdate("the machine is preparing an update already");
  const prepared = ended(await followed(context, client, line, status));
  const { version } = prepared.status.staging_partition?.image ?? {};
  // Which one is under way is known at its end.
  if (request.version !== undefined && request.version !== version)
    throw otherUpdate(`the machine has prepared ${safeText(version ?? "another")}`);
  return prepared;
}

function otherUpdate(reason: string): ApiclientError {
  return new ApiclientError(
    "apiclient.other-update",
    `Cannot update to what is asked for: ${reason}`,
    {
      exitCode: EXIT.tryAgain,
      hint: "Run it again, or take that back with apiclient update cancel.",
    },
  );
}

async function followed(
  context: ProgramContext,
  client: ApiClient,
  line: ProgressLine,
  before: UpdatesStatus,
): Promise<UpdatesStatus> {
  try {
    return await follow(context, client, line, lastRun(before));
  } catch (error) {
    line.clear();
    if (context.signal.aborted)
      context.stderr(
        "The machine goes on. apiclient update apply takes it up again, apiclient update cancel stops it.\n",
      );
    throw error;
  }
}

/** Throws if it did not come to a good end. */
function ended(status: UpdatesStatus): Prepared {
  const last = status.most_recent_command;
  if (last === null || last.cmd_status === "Success") return { status, isThere: true };
  const why = last.stderr.trim() === "" ? "" : `: ${safeText(last.stderr.trim())}`;
  throw new ApiclientError(
    "apiclient.update-failed",
    last.cmd_status === "Stopped"
      ? "The update was stopped: the other slot holds a part of it"
      : `The update was not prepared${why}`,
    {
      exitCode: EXIT.failed,
      hint: "What is there already is not fetched again by apiclient update apply.",
    },
  );
}
