import type { UpdateObstacle, UpdatesStatus } from "@ballast/model";
import { inSeconds } from "../text-layout.ts";
import { progressText } from "./progress-text.ts";

const NAMES = { refresh: "check", prepare: "prepare", activate: "activate", deactivate: "cancel" };

/** How updates stand, for people: one line for each fact, what to do next with it. */
export function statusLines(status: UpdatesStatus): string[] {
  const { progress, failed, inhibitors, checked_at: checkedAt } = status;
  return [
    stateLine(status),
    ...(progress === null ? [] : [progressText(progress)]),
    ...lastCommand(status),
    ...waitingLines(status),
    ...failed.map(
      ({ version, at, reason }) => `${version} did not stay, as of ${inSeconds(at)}: ${reason}`,
    ),
    ...inhibitors.map(
      ({ who, why, until }) => `${who} holds off a restart until ${inSeconds(until)}: ${why}`,
    ),
    checkedAt === null
      ? "Nobody has looked yet: apiclient update check"
      : `Last looked ${inSeconds(checkedAt)}`,
  ];
}

function stateLine(status: UpdatesStatus): string {
  const runs = `${status.active_partition.image.version} runs`;
  const why = status.pull_back ? ` and was withdrawn` : "";
  const chosen = status.chosen_update?.version ?? "none";
  const staged = status.staging_partition?.image.version ?? chosen;
  switch (status.update_state) {
    case "Idle":
      return `${runs}${why}; ${status.checked_at === null ? "no update is known" : "there is nothing to do"}`;
    case "Available":
      return `${runs}${why}; ${chosen} can be had: apiclient update apply`;
    case "Staged":
      return `${runs}${why}; ${staged} is in the other slot: apiclient update activate`;
    case "Ready":
      break;
  }
  return `${runs}${why}; ${staged} boots next: apiclient reboot`;
}

/** What went well shows in the state. */
function lastCommand({ most_recent_command: last }: UpdatesStatus): string[] {
  if (last === null || last.cmd_status === "Success") return [];
  const how = last.cmd_status === "Failed" ? "failed" : "was stopped";
  const why = last.stderr.trim() === "" ? "" : `: ${last.stderr.trim()}`;
  return [`The last ${NAMES[last.cmd_type]} ${how}, ${inSeconds(last.timestamp)}${why}`];
}

/** Releases that are not taken although they are newer. */
function waitingLines({ releases }: UpdatesStatus): string[] {
  return releases.flatMap(({ version, obstacle }) => {
    const why = obstacle === null ? undefined : obstacleText(obstacle);
    return why === undefined ? [] : [`${version} is not taken: ${why}`];
  });
}

/** Undefined for what nobody asks about: the version that runs, and older ones. */
function obstacleText(obstacle: UpdateObstacle): string | undefined {
  switch (obstacle.kind) {
    case "current":
    case "older":
      return undefined;
    case "withdrawn":
      return `it was withdrawn, the newest is ${obstacle.max_version}`;
    case "locked":
      return `the settings hold this machine to ${obstacle.version} (updates.version-lock)`;
    case "failed-here":
      return "it failed here; apiclient update apply --force takes it all the same";
    case "selector":
      return `it needs a slot selector of version ${obstacle.needs}`;
    case "wave":
      break;
  }
  return `your turn is on ${inSeconds(obstacle.ready_at)}; --ignore-waves does not wait`;
}
