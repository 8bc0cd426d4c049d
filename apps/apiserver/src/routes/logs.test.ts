import { text } from "node:stream/consumers";
import type { Exec } from "@ballast/system";
import { createMemoryExec } from "@ballast/system";
import { expect, it } from "vitest";
import { routeTableApp } from "./app.fixture.ts";
import { logRoutes } from "./logs.ts";
import { StreamBound } from "./stream-bound.ts";

const MAX_STREAMS = 8;

it("GET /logs keeps no place for a stream that could not be started", async () => {
  const programs = createMemoryExec({
    "/usr/bin/journalctl": () => ({ exitCode: 0, stdout: "line\n", stderr: "" }),
  });
  let isBroken = true;
  const exec: Exec = {
    ...programs,
    stream: (request, signal) => {
      if (isBroken) throw new Error("too many open files");
      return programs.stream(request, signal);
    },
  };
  const [route] = logRoutes({ ...routeTableApp(), exec }, new StreamBound());
  const call = () =>
    route?.handle({
      caller: { kind: "local", role: "admin" },
      query: { lines: "1", boot: "0" },
      body: undefined,
      headers: {},
      signal: new AbortController().signal,
      audit: {},
    });
  for (let round = 0; round <= MAX_STREAMS; round += 1)
    await expect(call()).rejects.toThrow("too many open files");
  isBroken = false;
  const answer = await call();
  expect(answer?.stream && (await text(answer.stream))).toBe("line\n");
});
