import { createMemoryClock, createMemoryFs } from "@ballast/system";
import { expect, it } from "vitest";
import { createBench } from "./bench.fixture.ts";

it("a server that starts anew finishes what an earlier one had written and not yet told to units", async () => {
  const fs = createMemoryFs();
  const first = createBench(createMemoryClock(), fs);
  // As if it was killed between the files and systemctl.
  first.broken.add("hostname.service");
  await first.app.applier.apply(undefined);
  const second = createBench(createMemoryClock(), fs);
  const restart = { do: "systemctl", args: "--no-ask-password restart hostname.service" };
  await second.app.applier.apply(undefined);
  expect(second.deeds).toContainEqual(restart);
  expect(second.deeds.some((deed) => deed.do === "write" && deed.path === "hostname")).toBe(false);
  second.deeds.length = 0;
  await second.app.applier.apply(undefined);
  expect(second.deeds).toEqual([]);
});
