import { setTimeout as delay } from "node:timers/promises";
import { UpdatePlan, type UpdateRequest, type UpdatesStatus } from "@ballast/model";
import * as z from "zod";
import { ApiError } from "../api-error.ts";
import { systemctl } from "../apply/systemctl.ts";
import { cached } from "../health/cached.ts";
import { readAnswer, startUnit, throwRefusal } from "../units/unit-answer.ts";
import { readUpdatesStatus } from "./read-status.ts";
import {
  agentUnit,
  busy,
  isAtWork,
  isRequestTaken,
  leaveRequest,
  takeBackRequest,
  type AgentCommand,
  type AgentParts,
} from "./update-unit.ts";

/** Updates, as far as this server has to do with them: it starts the update agent and reads what that leaves. */
export interface UpdateKeeper {
  /** Has the status made if there is none in this boot yet. */
  status(): Promise<UpdatesStatus>;
  /** As it lies there: nothing is started for those who only watch. */
  seen(): Promise<UpdatesStatus | undefined>;
  plan(request: UpdateRequest): Promise<UpdatePlan>;
  refresh(request: UpdateRequest): Promise<UpdatesStatus>;
  /** Resolves when the update agent has begun. Rejects if it refuses at once; how it goes on stands in the status. */
  prepare(request: UpdateRequest): Promise<UpdatesStatus>;
  activate(): Promise<UpdatesStatus>;
  /** Stops what is being prepared, and has this slot boot next again. */
  deactivate(): Promise<UpdatesStatus>;
  /** Has the status made anew: the slots have changed. */
  reconcile(): Promise<void>;
}

export interface UpdateTimes {
  readonly nowMs: () => number;
  /** A status that tells of progress and is this old is not believed. */
  readonly staleMs: number;
  /** How long a run may take until it has read its request. */
  readonly beginMs: number;
  /** How long after that a refusal is waited for. */
  readonly refusalMs: number;
}

/** The update agent bounds its own runs; these only keep a call from waiting for ever. */
const RUN_TIMEOUT_MS = 15 * 60_000;
const STATUS_TIMEOUT_MS = 90_000;
const LOOK_MS = 50;
const PREPARE = "update-agent@prepare.service";
/** What a cancel stops: the schedule, which has others prepare, would go on at once. */
const PREPARING = [PREPARE, "update-agent@tick.service"];

export function createUpdateKeeper(parts: AgentParts, times: UpdateTimes): UpdateKeeper {
  const { exec, fs } = parts;
  const atWork = new Set<AgentCommand>();
  const alone = async <Result>(
    command: AgentCommand,
    act: () => Promise<Result>,
  ): Promise<Result> => {
    if (atWork.has(command)) throw busy();
    atWork.add(command);
    try {
      return await act();
    } finally {
      atWork.delete(command);
    }
  };
  const run = <Schema extends z.ZodType>(
    command: AgentCommand,
    request: UpdateRequest,
    schema: Schema,
  ): Promise<z.output<Schema>> =>
    alone(command, async () => {
      await leaveRequest(parts, command, request);
      let isLeft = true;
      try {
        await startUnit(exec, agentUnit(command), { timeoutMs: RUN_TIMEOUT_MS });
      } finally {
        isLeft = await takeBackRequest(parts, command);
      }
      // That was the run of somebody else, which had begun before.
      if (isLeft) throw busy();
      return readAnswer(fs, agentUnit(command), schema);
    });

  const makeStatus = cached(0, times.nowMs, () =>
    startUnit(exec, agentUnit("status"), { timeoutMs: STATUS_TIMEOUT_MS }),
  );
  const isStale = staleness(times);
  const status = async (): Promise<UpdatesStatus> => {
    const found = await readUpdatesStatus(fs);
    if (found !== undefined && !isStale(found)) return found;
    await makeStatus("");
    const made = await readUpdatesStatus(fs);
    if (made !== undefined) return made;
    return readAnswer(fs, agentUnit("status"), z.never());
  };
  const after = async (
    command: AgentCommand,
    request: UpdateRequest = {},
  ): Promise<UpdatesStatus> => {
    await run(command, request, z.unknown());
    return status();
  };

  return {
    status,
    seen: () => readUpdatesStatus(fs),
    plan: (request) => run("plan", request, UpdatePlan),
    refresh: (request) => after("check", request),
    prepare: (request) =>
      alone("prepare", async () => {
        if (await isAtWork(parts, [PREPARE])) throw busy();
        await beginPrepare(parts, times, request);
        return status();
      }),
    activate: () => after("activate"),
    deactivate: async () => {
      if (await isAtWork(parts, PREPARING)) {
        await systemctl(exec, "stop", PREPARING);
        await makeStatus("");
        const stopped = await status();
        // A cancel that finds nothing would be told as the last command, and not what was stopped.
        if (stopped.update_state !== "Ready") return stopped;
      }
      return after("cancel");
    },
    reconcile: () => makeStatus(""),
  };
}

/** A run that was killed cannot take its progress back; one that lives writes on and on. */
function staleness({ nowMs, staleMs }: UpdateTimes): (status: UpdatesStatus) => boolean {
  let last = { text: "", sinceMs: 0 };
  return ({ progress }) => {
    const text = JSON.stringify(progress);
    if (text !== last.text) last = { text, sinceMs: nowMs() };
    if (progress === null || nowMs() - last.sinceMs < staleMs) return false;
    last = { text, sinceMs: nowMs() };
    return true;
  };
}

async function beginPrepare(
  parts: AgentParts,
  { nowMs, beginMs, refusalMs }: UpdateTimes,
  request: UpdateRequest,
): Promise<void> {
  const unit = agentUnit("prepare");
  await parts.fs.remove(unit.answer);
  await leaveRequest(parts, "prepare", request);
  const startedMs = nowMs();
  let takenMs: number | undefined;
  try {
    await startUnit(parts.exec, unit, { timeoutMs: STATUS_TIMEOUT_MS, waits: false });
    while (takenMs === undefined || nowMs() - takenMs < refusalMs) {
      if (takenMs === undefined && (await isRequestTaken(parts, "prepare"))) takenMs = nowMs();
      if (await hasAnswered(parts, unit.answer)) return;
      if (takenMs !== undefined && (await isPreparing(parts))) return;
      if (takenMs === undefined && nowMs() - startedMs >= beginMs)
        throw new ApiError(
          "apiserver.command-failed",
          `Cannot run ${unit.name}: it does not begin`,
          {
            hint: `See journalctl --unit=${unit.unit}.`,
          },
        );
      await delay(LOOK_MS);
    }
  } finally {
    await takeBackRequest(parts, "prepare");
  }
}

/** Throws what it has refused. Half an answer is none yet. */
async function hasAnswered({ fs }: AgentParts, file: string): Promise<boolean> {
  let answer: unknown;
  try {
    answer = JSON.parse((await fs.readText(file)) ?? "");
  } catch {
    return false;
  }
  throwRefusal(answer);
  return true;
}

async function isPreparing({ fs }: AgentParts): Promise<boolean> {
  return (await readUpdatesStatus(fs))?.progress?.command === "prepare";
}
