import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { createLog } from "@ballast/service";
import { createMemoryClock, createMemoryExec, createNodeFs } from "@ballast/system";
import { expect, it, onTestFinished } from "vitest";
import type { AgentContext } from "../context.ts";
import { HASH_1, HASH_2, slots } from "../machine/slots.fixture.ts";
import { PATHS } from "../paths.ts";
import { startRepository } from "../repository.fixture.ts";
import { runCheck } from "./check.ts";

const { running, other } = slots({
  running: [HASH_1, [2, 7, true]],
  other: [HASH_2, [0, 0, false]],
});
const STATUS = { disk: "/dev/vda", slots: { A: running, B: other }, active: "A", conflict: null };

/** A machine whose image was built in 2026, before a repository that was signed in June of that year for a week. */
async function machineAt(time: string): Promise<AgentContext> {
  const repository = await startRepository([]);
  onTestFinished(() => repository[Symbol.asyncDispose]());
  const root = join(repository.folder, "machine");
  const config = {
    ...{ metadata_url: new URL("/metadata/", repository.url).href, targets_url: null, seed: 1 },
    ...{ version_lock: "latest", ignore_waves: false, automatic: "off", window: null },
    ...{ jitter_minutes: 0, max_bytes_per_second: null, reboot_inhibit_limit_minutes: 0 },
  };
  const files = {
    [PATHS.osRelease]:
      "VERSION_ID=1.0.0\nVARIANT_ID=standalone\nBALLAST_BUILT_AFTER=2026-01-01T00:00:00Z\n",
    [PATHS.rootOfTrust]: repository.trustedRoot,
    [PATHS.config]: JSON.stringify(config),
  };
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(root, path)), { recursive: true });
    await writeFile(join(root, path), text);
  }
  const answer = { exitCode: 0, stdout: JSON.stringify(STATUS), stderr: "" };
  return {
    root,
    fs: createNodeFs(root),
    exec: createMemoryExec({ [PATHS.signpost]: () => answer }),
    clock: createMemoryClock(time),
    env: {},
    log: createLog({ write: () => undefined, journal: false }),
    signal: new AbortController().signal,
    arch: "x64",
  };
}

it("believes a repository that is in date", async () => {
  const status = await runCheck(await machineAt("2026-06-02T00:00:00Z"));
  expect(status).toMatchObject({ update_state: "Idle", checked_at: "2026-06-02T00:00:00Z" });
});

it.each([
  ["1970-01-01T00:00:05Z", "tuf.clock"],
  ["2100-01-01T00:00:00Z", "tuf.expired"],
])("believes nothing with a clock at %s, and says why", async (time, code) => {
  await expect(runCheck(await machineAt(time))).rejects.toMatchObject({ code });
});
