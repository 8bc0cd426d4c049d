import { join } from "node:path";
import { makeScratchDir, type ApiAnswer, type RemoteApi } from "@ballast/vm";
import { describe, expect, it } from "vitest";
import { mustBeClean, Verdict } from "./verdict.ts";

describe("Verdict", () => {
  it("collects the faults of several boots, each line once, and excuses what the guest may say", async () => {
    const verdict = new Verdict([{ pattern: /^\[FAILED\] Failed to start wanted/, reason: "x" }]);
    const first = ["[FAILED] Failed to start a.service", "[FAILED] Failed to start wanted.service"];
    await verdict.addConsole(first);
    await verdict.addConsole([...first, "Kernel panic - not syncing"]);
    expect(verdict.faults).toEqual([
      "console: [FAILED] Failed to start a.service",
      "console: Kernel panic - not syncing",
    ]);
    expect(() => {
      mustBeClean([new Verdict([]), verdict]);
    }).toThrow(/2 unexpected lines\nconsole: \[FAILED\] Failed to start a\.service/);
  });

  it("has nothing against a guest without faults", () => {
    expect(() => {
      mustBeClean([new Verdict([])]);
    }).not.toThrow();
  });

  it("waits for what is only starting, and lists what has failed but for what the case wants", async () => {
    using scratch = makeScratchDir();
    const failed = (name: string) => ({ name, status: "failed", reason: "x" });
    const verdict = new Verdict([{ pattern: /"name":"health\.web"/, reason: "x" }]);
    const api = apiWith(
      { checks: [{ name: "units", status: "waiting" }, failed("health.web")] },
      { checks: [{ name: "units", status: "ok" }, failed("health.web"), failed("database")] },
    );
    await verdict.addBoot(api, join(scratch.path, "judged"));
    expect(verdict.faults).toEqual([`health: ${JSON.stringify(failed("database"))}`]);
  });
});

/** Answers GET /health with these bodies in turn, and with an empty journal. */
function apiWith(...bodies: readonly unknown[]): Pick<RemoteApi, "send"> {
  const rest = [...bodies];
  return {
    send: ({ path }): Promise<ApiAnswer> =>
      Promise.resolve(
        path === "/health"
          ? { status: 503, text: JSON.stringify(rest.shift()), headers: {} }
          : { status: 200, text: "", headers: {} },
      ),
  };
}
