import type { GuestRecord } from "./guest-state.ts";

export interface StatePlan {
  readonly disk: "keep" | "new";
  readonly credentials: "keep" | "new";
  /** What happens to the guest's state and why, for the user. */
  readonly sentence: string;
}

export interface StateFacts {
  readonly record: Pick<GuestRecord, "imageSha256" | "isProvisioned"> | undefined;
  readonly imageSha256: string;
  /** The user's wish: --keep-state, --discard-state or neither. */
  readonly wish: "keep" | "discard" | undefined;
  readonly hasUserData: boolean;
}

/** Decides whether the guest goes on with its disk. By default a new image is what boots. */
export function planState(facts: StateFacts): StatePlan {
  const { record, wish } = facts;
  if (wish === "discard")
    return renewed("new", "The guest begins with a new disk and new certificates.");
  if (record === undefined) return renewed("keep", "The guest begins with a new disk.");
  const isSameImage = record.imageSha256 === facts.imageSha256;
  if (!isSameImage && wish !== "keep")
    return renewed(
      "keep",
      "The image has changed: the guest begins with a new disk (--keep-state would keep the old one).",
    );
  const kept = isSameImage
    ? "The guest goes on with its disk (--discard-state begins anew)."
    : "The image has changed, the guest keeps its disk and boots the OLD image from it.";
  const ignored =
    facts.hasUserData && record.isProvisioned
      ? " It has taken its user data already and will not read the new one (--discard-state lets it)."
      : "";
  return { disk: "keep", credentials: "keep", sentence: kept + ignored };
}

function renewed(credentials: StatePlan["credentials"], sentence: string): StatePlan {
  return { disk: "new", credentials, sentence };
}
