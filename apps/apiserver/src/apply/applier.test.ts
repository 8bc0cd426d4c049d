import { effectiveSettings, SERVICES } from "@ballast/model";
import { createLog } from "@ballast/service";
import { createMemoryExec, createMemoryFs, type ExecRequest, type Fs } from "@ballast/system";
import { describe, expect, it } from "vitest";
import { createApplier, type Applier, type ApplyHook } from "./applier.ts";

interface Bench {
  readonly applier: Applier;
  readonly fs: Fs;
  readonly calls: string[];
  readonly set: (key: string, value: unknown) => void;
  systemctlExit: number;
}

function bench(hook: ApplyHook = async () => false): Bench {
  const stored = new Map<string, unknown>();
  const calls: string[] = [];
  const fs = createMemoryFs();
  const made = {
    fs,
    calls,
    systemctlExit: 0,
    set: (key: string, value: unknown) => stored.set(key, value),
  };
  const systemctl = ({ args }: ExecRequest) => {
    calls.push(args.join(" "));
    return {
      exitCode: made.systemctlExit,
      stdout: "",
      stderr: made.systemctlExit === 0 ? "" : "job failed\n",
    };
  };
  const applier = createApplier({
    fs,
    exec: createMemoryExec({ "/usr/bin/systemctl": systemctl }),
    log: createLog({ write: () => undefined, journal: false }),
    effective: () => effectiveSettings(stored),
    hooks: { "api-remote": hook },
  });
  return Object.assign(made, { applier });
}

const RESTART = "--no-ask-password restart hostname.service";
/** A few services whose files and units are known here, whatever groups there are. */
const SOME = ["boot.trial-limit", "motd", "network.hostname", "api.remote"];

describe("Applier.apply()", () => {
  it("without keys brings every service up to date, in the order of the registry", async () => {
    const reports = await bench().applier.apply(undefined);
    expect(reports.map(({ name }) => name)).toEqual(SERVICES.map(({ service }) => service.name));
  });

  it("renders in the order of the registry and restarts what reads it", async () => {
    const { applier, fs, calls } = bench();
    expect(await applier.apply(SOME.toReversed())).toEqual([
      { name: "boot-trial", action: "rendered", status: "ok" },
      { name: "motd", action: "rendered", status: "ok" },
      { name: "hostname", action: "restarted", status: "ok" },
      { name: "api-remote", action: "rendered", status: "ok" },
    ]);
    expect(await fs.list("/run/ballast/etc")).toEqual([
      "boot-trial.conf",
      "hostname",
      "motd",
      "sysctl-hostname.conf",
    ]);
    expect(calls).toEqual([RESTART]);
  });

  it("touches only what changed", async () => {
    const { applier, calls, set } = bench();
    await applier.apply(SOME);
    expect(await applier.apply(SOME)).toContainEqual({
      name: "hostname",
      action: "rendered",
      status: "ok",
    });
    set("motd", "x");
    expect(await applier.apply(["motd"])).toEqual([
      { name: "motd", action: "rendered", status: "ok" },
    ]);
    expect(calls).toEqual([RESTART]);
    await applier.apply(["network.hostname"], { force: true });
    expect(calls).toEqual([RESTART, RESTART]);
  });

  it("reports a failed restart, goes on, and tries it again although the file is the same", async () => {
    const made = bench();
    made.systemctlExit = 1;
    const reports = await made.applier.apply(SOME);
    expect(reports.map(({ status }) => status)).toEqual(["ok", "ok", "failed", "ok"]);
    expect(reports[2]?.reason).toContain("job failed");
    made.systemctlExit = 0;
    expect(await made.applier.apply(["network.hostname"])).toEqual([
      { name: "hostname", action: "restarted", status: "ok" },
    ]);
    await made.applier.apply(["network.hostname"]);
    expect(made.calls).toEqual([RESTART, RESTART]);
  });

  it("reports what a service inside the process says", async () => {
    const good = bench(async () => true);
    expect((await good.applier.apply(SOME)).at(-1)).toMatchObject({
      action: "restarted",
      status: "ok",
    });
    const bad = bench(async () => Promise.reject(new Error("port is taken")));
    expect((await bad.applier.apply(SOME)).at(-1)).toMatchObject({
      status: "failed",
      reason: "port is taken",
    });
  });
});
