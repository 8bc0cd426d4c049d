import { CommitReport, History, Plan, RestoreReport, TryState } from "@ballast/model";
import { describe, expect, it } from "vitest";
import { parseCommitReport } from "./answers.ts";
import { parseHistory, parsePlan, parseRestore, parseTryState } from "./settings-answers.ts";

const services = [{ name: "motd", action: "rendered", status: "ok" }];
const report = {
  changed: ["settings.motd"],
  services,
  try: { token: "t", deadline: "2026-01-01T00:00:00Z" },
  rolled_back: true,
  rollback: services,
};
const commit = {
  id: 1,
  at: "2026-01-01T00:00:00Z",
  who: "local",
  source: "api",
  note: null,
  changes: [
    { key: "settings.motd", action: "set", secret: false, old: null, new: ["x"] },
    { key: "settings.k", action: "unset", secret: true },
  ],
};
const plan = {
  changes: commit.changes,
  services: [
    { name: "a", files: [{ path: "p", action: "write" }], verb: "restart", units: ["u.service"] },
    { name: "b", files: [], verb: null, units: [], later: "next", problem: "no" },
  ],
  reboot: false,
};
const restored = { tx: "t", staged: ["settings.motd"], skipped: [{ key: "k", reason: "r" }] };
const waiting = { waiting: { token: "t", deadline: null, keys: ["settings.motd"] } };

describe("answers about settings", () => {
  it.each([
    ["commit report", report, CommitReport, parseCommitReport],
    ["history", [commit], History, parseHistory],
    ["plan", plan, Plan, parsePlan],
    ["restore report", restored, RestoreReport, parseRestore],
    ["try", waiting, TryState, parseTryState],
    ["no try", { waiting: null }, TryState, parseTryState],
  ])("%s is read as the schema of the model reads it", (_name, body, schema, parse) => {
    expect(parse(body)).toEqual(schema.parse(body));
  });

  it.each([
    [{ ...report, try: { token: 1, deadline: "" } }, CommitReport, parseCommitReport],
    [{ ...report, rolled_back: "yes" }, CommitReport, parseCommitReport],
    [[{ ...commit, id: "1" }], History, parseHistory],
    [
      [{ ...commit, changes: [{ key: "k", action: "moved", secret: false }] }],
      History,
      parseHistory,
    ],
    [{ ...plan, reboot: 1 }, Plan, parsePlan],
    [{ ...plan, services: [{ ...plan.services[0], verb: "kill" }] }, Plan, parsePlan],
    [{ ...restored, staged: [1] }, RestoreReport, parseRestore],
    [{ waiting: {} }, TryState, parseTryState],
    [{}, TryState, parseTryState],
  ])("refuses %j as the schema does", (body, schema, parse) => {
    expect(schema.safeParse(body).success).toBe(false);
    expect(() => parse(body)).toThrow("Cannot read the answer");
  });
});
