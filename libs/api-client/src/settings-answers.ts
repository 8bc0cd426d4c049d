import type {
  History,
  HistoryChange,
  HistoryCommit,
  Plan,
  PlannedChange,
  PlannedService,
  RestoreReport,
  TryState,
} from "@ballast/model";
import {
  listOf,
  oneNumber,
  oneOf,
  oneText,
  recordOf,
  textOrNull,
  textsOf,
  yesOrNo,
} from "./fields.ts";

const VERBS = ["restart", "try-restart", "reload"] as const;

export function parseHistory(body: unknown): History {
  return listOf(body, "history").map(parseCommit);
}

export function parsePlan(body: unknown): Plan {
  const { changes, services, reboot } = recordOf(body, "plan");
  return {
    changes: listOf(changes, "changes").map(parseChange),
    services: listOf(services, "services").map(parseService),
    reboot: yesOrNo(reboot, "reboot"),
  };
}

export function parseRestore(body: unknown): RestoreReport {
  const { tx, staged, skipped } = recordOf(body, "restore report");
  return {
    tx: oneText(tx, "tx"),
    staged: textsOf(staged, "staged"),
    skipped: listOf(skipped, "skipped").map((value) => {
      const { key, reason } = recordOf(value, "skipped setting");
      return { key: oneText(key, "key"), reason: oneText(reason, "reason") };
    }),
  };
}

export function parseTryState(body: unknown): TryState {
  const { waiting } = recordOf(body, "try");
  if (waiting === null) return { waiting };
  const { token, deadline, keys } = recordOf(waiting, "waiting");
  return {
    waiting: {
      token: oneText(token, "token"),
      deadline: textOrNull(deadline, "deadline"),
      keys: textsOf(keys, "keys"),
    },
  };
}

function parseCommit(value: unknown): HistoryCommit {
  const commit = recordOf(value, "commit");
  return {
    id: oneNumber(commit["id"], "id"),
    at: oneText(commit["at"], "at"),
    who: oneText(commit["who"], "who"),
    source: oneOf(commit["source"], ["user-data", "api", "generated"], "source"),
    note: textOrNull(commit["note"], "note"),
    changes: listOf(commit["changes"], "changes").map(parseChange),
  };
}

function parseChange(value: unknown): HistoryChange & PlannedChange {
  const change = recordOf(value, "change");
  return {
    key: oneText(change["key"], "key"),
    action: oneOf(change["action"], ["set", "unset"], "action"),
    secret: yesOrNo(change["secret"], "secret"),
    ...("old" in change ? { old: change["old"] } : {}),
    ...("new" in change ? { new: change["new"] } : {}),
  };
}

function parseService(value: unknown): PlannedService {
  const service = recordOf(value, "service");
  const { verb, later, problem } = service;
  return {
    name: oneText(service["name"], "name"),
    files: listOf(service["files"], "files").map((file) => {
      const { path, action } = recordOf(file, "file");
      return { path: oneText(path, "path"), action: oneOf(action, ["write", "remove"], "action") };
    }),
    verb: verb === null ? null : oneOf(verb, VERBS, "verb"),
    units: textsOf(service["units"], "units"),
    ...(later === undefined ? {} : { later: oneText(later, "later") }),
    ...(problem === undefined ? {} : { problem: oneText(problem, "problem") }),
  };
}
