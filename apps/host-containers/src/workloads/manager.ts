import { isStatus } from "@ballast/containerd";
import { errorFields } from "@ballast/service";
import { checkOf } from "../health/check.ts";
import { HealthChecks, type Checked } from "../health/health-checks.ts";
import { containerProbe } from "../health/probe.ts";
import { Addresses } from "../names/addresses.ts";
import { HostsFile } from "../names/hosts-file.ts";
import { readActual } from "./actual.ts";
import { currentOf } from "./current.ts";
import { Digests } from "../images/digests.ts";
import { failureReason } from "./failure-reason.ts";
import {
  noticeFailure,
  noticeImage,
  noticeImageGone,
  noticeSuccess,
  remember,
  type Memory,
} from "./memory.ts";
import { runningLogs, type LogStep, type RunningLog } from "../logs/log-rotation.ts";
import { perform, type Edge } from "./perform.ts";
import { plan, type Action } from "./plan.ts";
import { lookAtLog, tendLog } from "../logs/tend-log.ts";
import { judgeWorkloads } from "./judge-workloads.ts";
import type { StateFile } from "./state-file.ts";
import type { Actual, Workload } from "./workload.ts";

/** What a container writes in this time comes on top of the bound of its log. */
const LOOK_AT_LOGS_MS = 2000;

/** Brings containerd to what is wanted, one pass after another, and keeps what must be known from one to the next. */
export class Manager {
  readonly #edge: Edge;
  readonly #onChange: () => void;
  readonly #digests: Digests;
  readonly #addresses: Addresses;
  readonly #hosts: HostsFile;
  readonly #checks: HealthChecks;
  readonly #state: StateFile;
  #memories = new Map<string, Memory>();
  /** Of the manager before this one, until the first pass. */
  #exitCodes: ReadonlyMap<string, number>;
  readonly #running = new Map<string, Promise<void>>();
  #logs: readonly RunningLog[] = [];
  #logsDueMs = 0;
  /** Why the log of a container could not be tended, so that it is told once. */
  readonly #logFaults = new Map<string, string>();

  /** `onChange` is called when a pass may find something new to do. */
  constructor(edge: Edge, onChange: () => void, state: StateFile) {
    this.#edge = edge;
    this.#onChange = onChange;
    this.#state = state;
    this.#exitCodes = state.exitCodes;
    this.#digests = new Digests(edge.images, edge.signal);
    this.#addresses = new Addresses(edge.runtime, edge.signal);
    this.#hosts = new HostsFile(edge.places);
    this.#checks = new HealthChecks(containerProbe(edge.runtime), onChange, edge.log);
  }

  /**
   * One look at everything; starts what is to be done. Returns when the next look is due if nothing happens. Nothing wanted is
   * not the same as not knowing what: that would remove everything.
   */
  async pass(desired: readonly Workload[] | undefined): Promise<number | undefined> {
    // As it is now: what ends while containerd is asked may not be in the answer, and would be done twice.
    const busy = new Set(this.#running.keys());
    const actual = await readActual(this.#edge.runtime, this.#edge.signal);
    this.#logs = runningLogs(actual, this.#edge.places);
    if (desired === undefined) return undefined;
    await this.#edge.puller.keepOnly(
      desired.map(({ spec }) => spec.image),
      this.#edge.signal,
    );
    await this.#follow(desired, actual);
    const health = this.#checks.states;
    this.#memories = remember(this.#memories, desired, actual, health, this.#exitCodes);
    this.#exitCodes = new Map();
    const world = { desired, actual, memories: this.#memories, health, busy, nowMs: Date.now() };
    const next = plan(world);
    for (const action of next.actions) {
      this.#start(action.name, this.#carryOut(action));
    }
    await this.#state.write(judgeWorkloads(world, next, await this.#digests.of(actual.containers)));
    return next.wakeAtMs;
  }

  /** Names and checks become those of what there is. */
  async #follow(desired: readonly Workload[], actual: Actual): Promise<void> {
    const addresses = await this.#addresses.of(actual.sandboxes);
    const there = desired.flatMap((workload) => {
      const current = currentOf(actual, workload);
      if (current === undefined) return [];
      const [newest] = current.containers;
      return [{ workload, newest, address: addresses.get(current.sandbox.id) }];
    });
    await this.#hosts.write(
      there.flatMap(({ workload: { name }, address }) =>
        address === undefined ? [] : [{ name, address }],
      ),
    );
    this.#checks.follow(
      there.flatMap(({ workload: { name, spec }, newest, address }): Checked[] => {
        const check = checkOf(spec);
        if (check === undefined || newest?.state !== "running") return [];
        return [{ name, containerId: newest.id, address, check }];
      }),
    );
  }

  /**
   * One look at the logs of what ran at the last pass, if it is due; starts what they need. That counts as a step, so that
   * nothing else is done with the container meanwhile. Not to be called within a pass. Returns in how long the next is due, in
   * milliseconds: what fails calls `onChange` too, and must not be tried again at once.
   */
  async tendLogs(): Promise<number> {
    const leftMs = this.#logsDueMs - performance.now();
    if (leftMs > 0) return leftMs;
    this.#logsDueMs = performance.now() + LOOK_AT_LOGS_MS;
    for (const running of this.#logs) {
      const { name } = running;
      if (this.#running.has(name)) continue;
      try {
        const step = await lookAtLog(running, this.#edge.maxLogBytes);
        if (step === undefined) this.#logFaults.delete(name);
        else this.#start(name, this.#tendLog(running, step));
      } catch (error) {
        this.#noticeLogFault(name, error);
      }
    }
    return LOOK_AT_LOGS_MS;
  }

  /** Waits for the steps under way; those that take time end with the edge's signal. */
  async settle(): Promise<void> {
    await this.#checks.end();
    await Promise.all(this.#running.values());
  }

  #start(name: string, step: Promise<void>): void {
    const running = step.finally(() => {
      this.#running.delete(name);
      this.#onChange();
    });
    this.#running.set(name, running);
  }

  async #tendLog(running: RunningLog, step: NonNullable<LogStep>): Promise<void> {
    const { name } = running;
    try {
      await tendLog(this.#edge, running, step);
      this.#logFaults.delete(name);
      this.#edge.log.info("Began a log anew", { container: name, step });
    } catch (error) {
      this.#noticeLogFault(name, error);
    }
  }

  #noticeLogFault(name: string, error: unknown): void {
    if (this.#edge.signal.aborted) return;
    const reason = String(error);
    if (this.#logFaults.get(name) === reason) return;
    this.#logFaults.set(name, reason);
    this.#edge.log.error("A log has no bound until this succeeds", {
      container: name,
      ...errorFields(error),
    });
  }

  async #carryOut(action: Action): Promise<void> {
    const { log, signal } = this.#edge;
    const { name } = action;
    const startMs = performance.now();
    try {
      const image = await perform(this.#edge, action);
      if (image !== undefined) this.#change(name, (memory) => noticeImage(memory, image));
      if (ENDS_A_CHAIN.has(action.do)) this.#change(name, noticeSuccess);
      log.info(DONE[action.do], {
        container: name,
        took_ms: Math.round(performance.now() - startMs),
      });
    } catch (error) {
      if (signal.aborted) return;
      const reason = failureReason(error);
      log.error("A step failed and is tried again", {
        container: name,
        step: action.do,
        ...errorFields(error),
        reason,
      });
      if (action.do === "create-container" && isStatus(error, "not-found"))
        this.#change(name, noticeImageGone);
      this.#change(name, (memory) => noticeFailure(memory, reason, Date.now(), Math.random()));
    }
  }

  /** A name that is no longer there by the time that its step ended needs no memory. */
  #change(name: string, change: (memory: Memory) => Memory): void {
    const memory = this.#memories.get(name);
    if (memory !== undefined) this.#memories.set(name, change(memory));
  }
}

const ENDS_A_CHAIN: ReadonlySet<Action["do"]> = new Set(["start-container", "remove-sandbox"]);

const DONE: Readonly<Record<Action["do"], string>> = {
  "prepare-image": "Image is ready",
  "create-sandbox": "Made the network of a container",
  "create-container": "Created a container",
  "start-container": "Started a container",
  "remove-container": "Removed a container that had ended",
  "remove-sandbox": "Removed a container",
};
