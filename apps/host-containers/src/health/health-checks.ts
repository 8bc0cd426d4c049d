import { setTimeout as sleep } from "node:timers/promises";
import type { Log } from "@ballast/service";
import type { Check } from "./check.ts";
import { FRESH, noticeFinding, pauseMs, type CheckState, type Finding } from "./check-state.ts";

/** A container that runs and has a check. */
export interface Checked {
  readonly name: string;
  readonly containerId: string;
  /** Of its network; nothing if it has none. */
  readonly address: string | undefined;
  readonly check: Check;
}

/** Asks once, and never rejects. Undefined when nobody could ask, which says nothing of the container. */
export type Probe = (checked: Checked, signal: AbortSignal) => Promise<Finding | undefined>;

interface Following {
  readonly key: string;
  readonly controller: AbortController;
  readonly ended: Promise<void>;
}

/** Asks each container that is checked, one question at a time for each, so that one that hangs holds up no other. */
export class HealthChecks {
  readonly #probe: Probe;
  readonly #onChange: () => void;
  readonly #log: Log;
  readonly #following = new Map<string, Following>();
  readonly #states = new Map<string, CheckState>();

  /** `onChange` is called when a state has become another one. */
  constructor(probe: Probe, onChange: () => void, log: Log) {
    this.#probe = probe;
    this.#onChange = onChange;
    this.#log = log;
  }

  /** By id of the container. */
  get states(): ReadonlyMap<string, CheckState> {
    return this.#states;
  }

  /** Checks these from now on, and no others; what is known of one stays while its check is the same. */
  follow(all: readonly Checked[]): void {
    const keys = new Map(all.map((checked) => [checked.containerId, JSON.stringify(checked)]));
    for (const [id, { key, controller }] of this.#following) {
      if (keys.get(id) === key) continue;
      controller.abort();
      this.#following.delete(id);
      this.#states.delete(id);
    }
    for (const checked of all) {
      const { containerId } = checked;
      if (this.#following.has(containerId)) continue;
      const controller = new AbortController();
      const key = keys.get(containerId) ?? "";
      this.#states.set(containerId, FRESH);
      const ended = this.#keepAsking(checked, controller.signal);
      this.#following.set(containerId, { key, controller, ended });
    }
  }

  /** Ends all checks, and waits for those under way. */
  async end(): Promise<void> {
    const ended = [...this.#following.values()].map((one) => one.ended);
    this.follow([]);
    await Promise.all(ended);
  }

  async #keepAsking(checked: Checked, signal: AbortSignal): Promise<void> {
    const { check, containerId } = checked;
    const startMs = performance.now();
    let state = FRESH;
    while (!signal.aborted) {
      const finding = await this.#probe(checked, signal);
      if (signal.aborted) return;
      const moment = { ageMs: performance.now() - startMs, nowMs: Date.now() };
      const next = finding === undefined ? state : noticeFinding(state, finding, check, moment);
      this.#states.set(containerId, next);
      this.#tell(checked, state, next);
      state = next;
      await sleep(pauseMs(state, check, moment.ageMs), undefined, { signal }).catch(
        () => undefined,
      );
    }
  }

  #tell({ name }: Checked, before: CheckState, after: CheckState): void {
    const isOther = before.status !== after.status;
    if (isOther && after.status === "healthy")
      this.#log.info("A container is healthy", { container: name });
    if (isOther && after.status === "unhealthy")
      this.#log.warn("A container is unhealthy", { container: name, reason: after.reason ?? "" });
    if (isOther || before.reason !== after.reason) this.#onChange();
  }
}
