import { SlotsReport, type SlotFailure } from "@ballast/model";
import { expect, it } from "vitest";
import { slotsReport } from "./slots-report.ts";
import { HASH_B, NOW, statusWith } from "./slots.fixture.ts";

const FAILURE: SlotFailure = {
  slot: "B",
  root_hash: HASH_B,
  at: NOW,
  reason: "r",
  unmet: [],
  kernel_log: null,
};

it.each([
  [[0, 0, false], null, "empty"],
  [[0, 2, false], null, "standby"],
  [[1, 0, true], null, "standby"],
  [[2, 0, false], FAILURE, "failed"],
] as const)("a slot with the flags %j and failure %j is %s", (flags, failure, state) => {
  const report = SlotsReport.parse(slotsReport(statusWith(flags), false, failure));
  expect(report.slots.A.state).toBe("active");
  expect(report.slots.B.state).toBe(state);
  expect(report.last_failure).toEqual(failure);
});
