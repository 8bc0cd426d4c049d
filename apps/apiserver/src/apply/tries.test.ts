import type { Clock } from "@ballast/system";
import { createMemoryClock } from "@ballast/system";
import { describe, expect, it } from "vitest";
import { createBench, type Bench } from "./bench.fixture.ts";
import { changeSettings, type ChangeOptions } from "./change-settings.ts";
import { takeBackAtStart } from "./tries.ts";

/** A clock whose sleepers wake when the test says so. */
function handClock(): Clock & { readonly sleeping: number[]; wake(): void } {
  const clock = createMemoryClock();
  const wakers: (() => void)[] = [];
  const sleeping: number[] = [];
  return {
    now: () => clock.now(),
    sleeping,
    sleep: (ms, signal) =>
      new Promise((resolve, reject) => {
        sleeping.push(ms);
        wakers.push(resolve);
        signal?.addEventListener("abort", () => {
          reject(new Error("stopped"));
        });
      }),
    wake: () => {
      for (const wake of wakers.splice(0)) wake();
    },
  };
}

const OPTIONS: ChangeOptions = {
  tx: "t",
  who: "test",
  ifMatch: undefined,
  rollbackOnFailure: false,
  trySeconds: undefined,
};

async function change(bench: Bench, hostname: string, options: Partial<ChangeOptions> = {}) {
  bench.store.stage("t", [
    { key: "network.hostname", value: hostname },
    { key: "motd", value: `on ${hostname}` },
  ]);
  return bench.app.lock(() => changeSettings(bench.app, { ...OPTIONS, ...options }));
}

async function hostnameFile(bench: Bench): Promise<string | undefined> {
  return bench.fs.readText("/run/ballast/etc/hostname");
}

describe("a commit on trial", () => {
  it("tells token and deadline, and holds for good once it was confirmed", async () => {
    const clock = handClock();
    const bench = createBench(clock);
    const report = await change(bench, "new", { trySeconds: 60 });
    expect(report).toMatchObject({
      changed: ["settings.motd", "settings.network.hostname"],
      try: { deadline: "2026-01-01T00:01:00Z" },
    });
    const token = report.try?.token ?? "";
    expect(bench.app.tries.state()).toEqual({
      waiting: { token, deadline: "2026-01-01T00:01:00Z", keys: report.changed },
    });
    bench.app.tries.confirm(token);
    clock.wake();
    await bench.app.lock(async () => undefined);
    expect(bench.app.tries.state()).toEqual({ waiting: null });
    expect(await hostnameFile(bench)).toBe("new\n");
  });

  it("is taken back and applied when its time is over, in all groups", async () => {
    const clock = handClock();
    const bench = createBench(clock);
    await change(bench, "old");
    await change(bench, "new", { trySeconds: 60 });
    expect(await hostnameFile(bench)).toBe("new\n");
    expect(clock.sleeping).toEqual([60_000]);
    clock.wake();
    await expect.poll(() => hostnameFile(bench)).toBe("old\n");
    expect(await bench.fs.readText("/run/ballast/etc/motd")).toBe("on old\n");
    expect(bench.store.history()[0]).toMatchObject({
      who: "apiserver",
      note: "Not confirmed in 60 s",
    });
    expect(bench.logged.join("")).not.toContain("on old");
    await change(bench, "next");
    expect(await hostnameFile(bench)).toBe("next\n");
  });

  it("does not come into force again when the server is started anew", async () => {
    const bench = createBench(handClock());
    await change(bench, "old");
    await change(bench, "new", { trySeconds: 60 });
    // A second bench on the same files and database stands for the next start.
    takeBackAtStart(bench.store, bench.app.log);
    expect(bench.store.effective().get("network.hostname")).toBe("old");
    await bench.app.applier.apply(undefined);
    expect(await hostnameFile(bench)).toBe("old\n");
    takeBackAtStart(bench.store, bench.app.log);
    expect(bench.store.history()).toHaveLength(3);
  });

  it("leaves a stopped server at once and stays in the database", async () => {
    const bench = createBench(handClock());
    await change(bench, "new", { trySeconds: 60 });
    bench.stop.abort();
    await bench.app.lock(async () => undefined);
    expect(bench.store.attempt()).toBeDefined();
  });
});

describe("rollback on failure", () => {
  it("puts the former settings back and tells what failed", async () => {
    const bench = createBench(handClock());
    await change(bench, "old");
    bench.broken.add("hostname.service");
    const report = await change(bench, "new", { rollbackOnFailure: true });
    expect(report).toMatchObject({
      changed: ["settings.motd", "settings.network.hostname"],
      rolled_back: true,
      services: expect.arrayContaining([expect.objectContaining({ status: "failed" })]),
      rollback: expect.arrayContaining([expect.objectContaining({ name: "motd", status: "ok" })]),
    });
    expect(bench.store.effective().get("network.hostname")).toBe("old");
    expect(await hostnameFile(bench)).toBe("old\n");
    expect(bench.store.history()[0]?.note).toContain("Not applied: hostname");
    expect(bench.store.attempt()).toBeUndefined();
  });

  it("keeps what could be applied, and does not wait for anybody", async () => {
    const bench = createBench(handClock());
    const report = await change(bench, "new", { rollbackOnFailure: true });
    expect(report.rolled_back).toBe(false);
    expect(bench.store.attempt()).toBeUndefined();
    expect(bench.store.effective().get("network.hostname")).toBe("new");
  });

  it("goes together with a trial", async () => {
    const bench = createBench(handClock());
    const options = { rollbackOnFailure: true, trySeconds: 5 };
    expect(await change(bench, "new", options)).toMatchObject({
      rolled_back: false,
      try: { token: expect.any(String) },
    });
  });
});
