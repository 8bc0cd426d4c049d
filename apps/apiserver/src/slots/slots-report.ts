import type { Slot, SlotFailure, SlotFlags, SlotsReport, SlotState } from "@ballast/model";
import type { SignpostStatus } from "./signpost-answer.ts";

/** `GET /slots` of what signpost sees and what is known of the past. */
export function slotsReport(
  status: SignpostStatus,
  trial: boolean,
  failure: SlotFailure | null,
): SlotsReport {
  const flags = (name: Slot): SlotFlags => {
    const { priority, tries_left, successful, qualifies, root_hash } = status.slots[name];
    const state = stateOf(status, name, failure);
    return { priority, tries_left, successful, qualifies, root_hash, state };
  };
  const { disk, active, next, conflict, copies } = status;
  const slots = { A: flags("A"), B: flags("B") };
  return { disk, active, next, conflict, trial, slots, copies, last_failure: failure };
}

function stateOf(status: SignpostStatus, name: Slot, failure: SlotFailure | null): SlotState {
  if (status.active === name) return "active";
  if (failure?.slot === name) return "failed";
  const { priority, tries_left, successful } = status.slots[name];
  return priority === 0 && tries_left === 0 && !successful ? "empty" : "standby";
}
