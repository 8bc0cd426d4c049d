import type {
  RollbackReport,
  SlotFailure,
  SlotFlags,
  SlotsReport,
  TableCopy,
} from "@ballast/model";
import { listOf, oneNumber, oneOf, oneText, recordOf, textOrNull, yesOrNo } from "./fields.ts";

const SLOTS = ["A", "B"] as const;
const STATES = ["active", "standby", "failed", "empty"] as const;

export function parseSlots(body: unknown): SlotsReport {
  const report = recordOf(body, "slots report");
  const slots = recordOf(report["slots"], "slots");
  const copies = recordOf(report["copies"], "copies");
  const { active, last_failure: failure } = report;
  return {
    disk: oneText(report["disk"], "disk"),
    active: active === null ? null : oneOf(active, SLOTS, "active"),
    next: oneOf(report["next"], SLOTS, "next"),
    conflict: textOrNull(report["conflict"], "conflict"),
    trial: yesOrNo(report["trial"], "trial"),
    slots: { A: parseFlags(slots["A"]), B: parseFlags(slots["B"]) },
    copies: { primary: parseCopy(copies["primary"]), backup: parseCopy(copies["backup"]) },
    last_failure: failure === null ? null : parseFailure(failure),
  };
}

export function parseRollback(body: unknown): RollbackReport {
  const { next, rebooting } = recordOf(body, "rollback report");
  return { next: oneOf(next, SLOTS, "next"), rebooting: yesOrNo(rebooting, "rebooting") };
}

function parseFlags(value: unknown): SlotFlags {
  const slot = recordOf(value, "slot");
  return {
    priority: oneNumber(slot["priority"], "priority"),
    tries_left: oneNumber(slot["tries_left"], "tries_left"),
    successful: yesOrNo(slot["successful"], "successful"),
    qualifies: yesOrNo(slot["qualifies"], "qualifies"),
    root_hash: oneText(slot["root_hash"], "root_hash"),
    state: oneOf(slot["state"], STATES, "state"),
  };
}

function parseCopy(value: unknown): TableCopy {
  const copy = recordOf(value, "copy");
  return {
    state: oneOf(copy["state"], ["valid", "damaged", "outdated"], "state"),
    trusted: yesOrNo(copy["trusted"], "trusted"),
    fault: textOrNull(copy["fault"], "fault"),
  };
}

function parseFailure(value: unknown): SlotFailure {
  const failure = recordOf(value, "last_failure");
  return {
    slot: oneOf(failure["slot"], SLOTS, "slot"),
    root_hash: oneText(failure["root_hash"], "root_hash"),
    at: oneText(failure["at"], "at"),
    reason: oneText(failure["reason"], "reason"),
    unmet: listOf(failure["unmet"], "unmet").map((item) => {
      const { name, reason } = recordOf(item, "unmet check");
      return { name: oneText(name, "name"), reason: oneText(reason, "reason") };
    }),
    kernel_log: textOrNull(failure["kernel_log"], "kernel_log"),
  };
}
