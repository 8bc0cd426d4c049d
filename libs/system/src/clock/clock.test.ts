import { describe, expect, it } from "vitest";
import { createMemoryClock, createNodeClock, type Clock } from "./clock.ts";

function clockConformance(name: string, make: () => Clock): void {
  describe(`Clock: ${name}`, () => {
    it("is later after a sleep", async () => {
      const clock = make();
      const before = clock.now();
      await clock.sleep(20);
      expect(clock.now().since(before).total("milliseconds")).toBeGreaterThanOrEqual(19);
    });

    it("does not sleep when the signal is aborted", async () => {
      const reason = new Error("stop");
      await expect(make().sleep(60_000, AbortSignal.abort(reason))).rejects.toBe(reason);
    });
  });
}

clockConformance("node", createNodeClock);
clockConformance("memory", () => createMemoryClock());
