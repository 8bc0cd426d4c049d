import { describeError } from "@ballast/errors";
import { pullFault } from "../images/pull-fault.ts";
import { startFault } from "./start-fault.ts";

const MAX_LENGTH = 1000;
const OF_PULL = /^(Cannot pull image "[^"]*": )(.*)$/;
const OF_CONTAINER = /^(Cannot (?:create|start) container "[^"]*": )(.*)$/;

/** What went wrong, for people: without what a URL may carry to prove who asks. */
export function failureReason(error: unknown): string {
  const text = describeError(error)
    .replaceAll(/:\/\/[^/\s"@]+@/g, "://")
    .replaceAll(/(https?:\/\/[^\s"?]+)\?[^\s"]*/g, "$1")
    .replace(OF_PULL, (_, act: string, fault: string) => act + pullFault(fault))
    .replace(OF_CONTAINER, (_, act: string, fault: string) => act + startFault(fault));
  return text.length > MAX_LENGTH ? `${text.slice(0, MAX_LENGTH)}…` : text;
}
