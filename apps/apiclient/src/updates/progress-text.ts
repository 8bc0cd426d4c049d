import type { UpdateProgress } from "@ballast/model";
import { amountOf, spanOf } from "./amounts.ts";

const PHASES: Readonly<Record<UpdateProgress["phase"], string>> = {
  metadata: "Asking the repository",
  compare: "Comparing with what is here",
  write: "Writing",
  "read-back": "Reading back",
};

/** What is being done, in words. */
export function phaseText({ phase }: Pick<UpdateProgress, "phase">): string {
  return PHASES[phase];
}

/** How much of how much: 0 to 100; undefined where nobody can know. */
export function percentOf({
  done_bytes: done,
  total_bytes: total,
}: UpdateProgress): number | undefined {
  return total === 0 ? undefined : Math.min(100, Math.floor((100 * done) / total));
}

/** One line of progress: bytes, rate, what remains. */
export function progressText(progress: UpdateProgress): string {
  const { done_bytes: done, total_bytes: total, fetched_bytes: fetched } = progress;
  const { bytes_per_second: rate, remaining_seconds: remaining } = progress;
  const percent = percentOf(progress);
  const parts = [
    ...(percent === undefined ? [] : [`${percent} %`, `${amountOf(done)} of ${amountOf(total)}`]),
    ...(fetched === 0 ? [] : [`${amountOf(fetched)} fetched`]),
    ...(rate === 0 ? [] : [`${amountOf(rate)}/s`]),
    ...(remaining === null ? [] : [`${spanOf(remaining)} left`]),
  ];
  const phase = phaseText(progress);
  return parts.length === 0 ? `${phase}…` : `${phase}: ${parts.join(", ")}`;
}
