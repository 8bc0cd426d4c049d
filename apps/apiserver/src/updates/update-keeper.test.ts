import { createMemoryExec, createMemoryFs, type Fs } from "@ballast/system";
import { describe, expect, it } from "vitest";
import { PREPARING, updatesStatus } from "./status.fixture.ts";
import { createUpdateKeeper } from "./update-keeper.ts";

const STATUS = "/run/ballast/updates/status.json";
const at = (folder: string, command: string): string =>
  `/run/ballast/updates/${folder}/${command}.json`;

type Agent = (fs: Fs, request: unknown) => Promise<void>;

/** A played systemd: the program of a unit runs at its start, takes its request and does what it likes. */
function play(agents: Readonly<Record<string, Agent>> = {}, more: { status?: string } = {}) {
  const calls: string[] = [];
  let nowMs = 0;
  const fs = createMemoryFs(more.status === undefined ? {} : { [STATUS]: more.status });
  const active = new Set<string>();
  const run = async (unit: string): Promise<void> => {
    const command = unit.slice("update-agent@".length, -".service".length);
    const text = await fs.readText(at("requests", command));
    await fs.remove(at("requests", command));
    await agents[command]?.(fs, JSON.parse(text ?? "null"));
  };
  const memory = createMemoryExec({
    "/usr/bin/systemctl": ({ args }) => {
      calls.push(args.slice(1).join(" "));
      return { exitCode: 0, stdout: "", stderr: "" };
    },
  });
  const keeper = createUpdateKeeper(
    {
      fs,
      exec: {
        ...memory,
        run: async (request) => {
          const result = await memory.run(request);
          const [, verb, ...rest] = request.args.filter((arg) => arg !== "--no-block");
          if (verb === "is-active")
            return { ...result, stdout: rest.map((unit) => state(active, unit)).join("\n") };
          const ran = verb === "start" ? run(rest[0] ?? "") : undefined;
          if (!request.args.includes("--no-block")) await ran;
          return result;
        },
      },
    },
    { nowMs: () => (nowMs += 10), staleMs: 1000, beginMs: 200, refusalMs: 100 },
  );
  return { calls, fs, keeper, active };
}

function state(active: ReadonlySet<string>, unit: string): string {
  return active.has(unit) ? "activating" : "inactive";
}

function leave(status = updatesStatus()): Agent {
  return async (fs) => {
    await fs.writeDurable(STATUS, JSON.stringify(status), 0o644);
  };
}

function answer(command: string, body: unknown): Agent {
  return (fs) => fs.writeDurable(at("answers", command), JSON.stringify(body), 0o600);
}

const refusal = (code: string) => ({ error: { code, message: `Cannot: ${code}`, hint: null } });

describe("status()", () => {
  it("is what lies there, and is made when nothing does", async () => {
    const { keeper, calls } = play({ status: leave() });
    expect(await keeper.seen()).toBe(undefined);
    expect(await Promise.all([keeper.status(), keeper.status()])).toEqual([
      updatesStatus(),
      updatesStatus(),
    ]);
    await keeper.status();
    expect(calls).toEqual(["start update-agent@status.service"]);
  });

  it("rejects in the words of the update agent when there is none to be had", async () => {
    const { keeper } = play({ status: answer("status", refusal("update-agent.no-slots")) });
    await expect(keeper.status()).rejects.toMatchObject({ code: "update-agent.no-slots" });
  });

  it("does not believe in progress that stands still", async () => {
    const { keeper, calls } = play(
      { status: leave() },
      { status: JSON.stringify(updatesStatus({ progress: PREPARING })) },
    );
    for (let look = 0; look < 20; look += 1)
      expect((await keeper.status()).progress).toEqual(PREPARING);
    expect(calls).toEqual([]);
    for (let look = 0; look < 100; look += 1) await keeper.status();
    expect((await keeper.status()).progress).toBe(null);
    expect(calls).toEqual(["start update-agent@status.service"]);
  });

  it.each(["", "{", "{}"])("does not take %j for a status", async (status) => {
    await expect(play({}, { status }).keeper.status()).rejects.toMatchObject({
      code: "apiserver.cannot-look",
    });
  });
});

describe("refresh()", () => {
  it("hands its request over and answers how it stands then", async () => {
    let asked: unknown;
    const found = updatesStatus({ update_state: "Available", available_updates: ["1.1.0"] });
    const { keeper } = play({
      check: async (fs, request) => {
        asked = request;
        await leave(found)(fs, request);
        await answer("check", {})(fs, request);
      },
    });
    expect(await keeper.refresh({ ignore_waves: true })).toEqual(found);
    expect(asked).toEqual({ ignore_waves: true });
  });

  it("is one at a time", async () => {
    const { keeper, calls } = play({ check: answer("check", {}), status: leave() });
    const [one, two] = await Promise.allSettled([keeper.refresh({}), keeper.refresh({})]);
    expect(one.status).toBe("fulfilled");
    expect(two).toMatchObject({ reason: { code: "apiserver.update-busy" } });
    expect(calls.filter((call) => call.includes("@check"))).toHaveLength(1);
    await keeper.refresh({});
  });

  it("is refused, and its request taken back, when the run was that of somebody else", async () => {
    const { keeper, fs } = play({
      check: (system) => system.writeDurable(at("requests", "check"), "{}", 0o600),
    });
    await expect(keeper.refresh({})).rejects.toMatchObject({ code: "apiserver.update-busy" });
    expect(await fs.exists(at("requests", "check"))).toBe(false);
  });
});

describe("prepare()", () => {
  it("does not wait for the end", async () => {
    let end: (() => void) | undefined;
    const { keeper, calls } = play({
      prepare: async (fs, request) => {
        await leave(updatesStatus({ progress: PREPARING }))(fs, request);
        await new Promise<void>((resolve) => {
          end = resolve;
        });
      },
    });
    expect((await keeper.prepare({ version: "1.2.0" })).progress).toEqual(PREPARING);
    expect(calls).toContain("--no-block start update-agent@prepare.service");
    end?.();
  });

  it("rejects with what is refused at once, not with what was refused before", async () => {
    const file = at("answers", "prepare");
    const { keeper, fs } = play({
      prepare: answer("prepare", refusal("update-agent.no-such-update")),
      status: leave(),
    });
    await fs.writeDurable(file, JSON.stringify(refusal("tuf.expired")), 0o600);
    await expect(keeper.prepare({})).rejects.toMatchObject({ code: "update-agent.no-such-update" });
  });

  it("begins when a run says nothing for a while", async () => {
    const { keeper } = play({ status: leave() });
    expect(await keeper.prepare({})).toEqual(updatesStatus());
  });

  it("is refused while one runs, that of the schedule too", async () => {
    const { keeper, active, fs, calls } = play();
    active.add("update-agent@prepare.service");
    await expect(keeper.prepare({})).rejects.toMatchObject({ code: "apiserver.update-busy" });
    expect(await fs.exists(at("requests", "prepare"))).toBe(false);
    expect(calls).not.toContain("--no-block start update-agent@prepare.service");
  });

  it("tells when no run begins, and leaves nothing for a later one", async () => {
    const { keeper, fs } = play({
      prepare: (system) => system.writeDurable(at("requests", "prepare"), "{}", 0o600),
    });
    await expect(keeper.prepare({})).rejects.toMatchObject({ code: "apiserver.command-failed" });
    expect(await fs.exists(at("requests", "prepare"))).toBe(false);
  });
});

describe("deactivate()", () => {
  const nothing = answer("cancel", refusal("update-agent.not-allowed"));

  const STOPPED = [
    "stop update-agent@prepare.service update-agent@tick.service",
    "start update-agent@status.service",
  ];

  it("stops what is prepared, and does not cancel where nothing is ready", async () => {
    const { keeper, active, calls } = play({ cancel: nothing, status: leave() });
    active.add("update-agent@prepare.service");
    expect(await keeper.deactivate()).toEqual(updatesStatus());
    expect(calls.slice(1)).toEqual(STOPPED);
  });

  it("takes back what the schedule has made ready meanwhile", async () => {
    const ready = updatesStatus({ update_state: "Ready" });
    const { keeper, active, calls } = play({ cancel: answer("cancel", {}), status: leave(ready) });
    active.add("update-agent@tick.service");
    await keeper.deactivate();
    expect(calls.slice(1)).toEqual([...STOPPED, "start update-agent@cancel.service"]);
  });

  it("passes on that there is nothing to take back, and stops nothing", async () => {
    const { keeper, calls } = play({ cancel: nothing, status: leave() });
    await expect(keeper.deactivate()).rejects.toMatchObject({ code: "update-agent.not-allowed" });
    expect(calls.some((call) => call.startsWith("stop"))).toBe(false);
  });
});
