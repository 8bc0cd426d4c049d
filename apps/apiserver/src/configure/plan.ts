import type { ProvisionRequest } from "@ballast/model";
import type { Found } from "./user-data.ts";

/** What was refused before in this run, if anything. */
export interface Refusal {
  readonly request: ProvisionRequest;
}

export type Step =
  /** Nothing new to offer: look again later. */
  { readonly kind: "wait" } | { readonly kind: "post"; readonly request: ProvisionRequest };

/**
 * What to do with what was found. Without any source the machine runs on defaults, except after a refusal: then the
 * medium is only being exchanged.
 */
export function planStep(found: Found, refusal: Refusal | undefined): Step {
  const request = toRequest(found);
  if (refusal === undefined) return { kind: "post", request };
  if (found.kind === "none" || JSON.stringify(request) === JSON.stringify(refusal.request))
    return { kind: "wait" };
  return { kind: "post", request };
}

export const NO_USER_DATA: ProvisionRequest = { source: null, user_data: null };

function toRequest(found: Found): ProvisionRequest {
  if (found.kind === "none") return NO_USER_DATA;
  const { source } = found;
  if (found.kind === "text") return { source, user_data: found.text };
  return { source, user_data: null, error: found.reason };
}
