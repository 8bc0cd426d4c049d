import type { BootParameters } from "@ballast/model";
import type { ParameterFacts } from "./parameter-facts.ts";

export const AFTER_RESTART = "take effect when the machine restarts";

const REFUSALS: Readonly<Record<string, string>> = {
  failed: "were tried, and the boot with them did not become healthy",
  forbidden: "the selector does not allow them; it may be older than this image",
  "no-room": "the image that was started has no room for them",
  "not-noted": "the firmware did not keep the note that they are tried",
};

/** How the parameters of the settings and those that run are to each other; pure. */
export function judgeParameters(facts: ParameterFacts, wanted: string): BootParameters {
  const running = facts.running ?? "";
  const report = { running: words(running), wanted: words(wanted), reason: null };
  if (wanted === running) {
    const isProven = !facts.isTried || facts.known === `P${wanted}`;
    if (isProven) return { ...report, state: "as-set" };
    const reason = facts.isMarked
      ? "the firmware did not keep the note that they are proven, so the next boot goes without them"
      : null;
    return { ...report, state: "on-trial", reason };
  }
  if (facts.asked !== wanted)
    return {
      ...report,
      state: "not-stored",
      reason: "the firmware does not hold them; the report of the service boot-parameters says why",
    };
  // The selector has seen them, and did not use them; unless it would try them once more.
  const isTriedAgain = facts.outcome === "failed" && facts.known !== `T${wanted}`;
  if (facts.atStart !== wanted || isTriedAgain)
    return { ...report, state: "after-restart", reason: AFTER_RESTART };
  const reason = REFUSALS[facts.outcome ?? ""] ?? "the selector is too old to know of parameters";
  return { ...report, state: "refused", reason };
}

/** When the firmware does not let us look. */
export function unknownParameters(wanted: string, reason: string): BootParameters {
  return { running: [], wanted: words(wanted), state: "not-stored", reason };
}

function words(text: string): string[] {
  return text === "" ? [] : text.split(" ");
}
