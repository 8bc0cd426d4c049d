import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { Health } from "@ballast/model";
import { createLog } from "@ballast/service";
import { createMemoryClock, createMemoryExec, createNodeFs } from "@ballast/system";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { PATHS } from "../paths.ts";
import { createSlotWatch, type SlotWatch } from "./slot-watch.ts";
import { HASH_A, HASH_B, PANIC_LOG, statusWith } from "./slots.fixture.ts";

const HEALTHY: Health = { status: "healthy", checks: [] };
const SICK: Health = {
  status: "degraded",
  checks: [{ name: "health.web", status: "failed", reason: "refused" }],
};

let root: string;
let logged: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "ballast-slots-"));
  logged = "";
});
afterEach(() => {
  rmSync(root, { recursive: true });
});

function put(path: string, text: string): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text);
}

function variable(path: string, text: string): void {
  put(path, `\u0006\0\0\0${text.replaceAll(/./gs, "$&\0")}\0\0`);
}

/** The machine with these flags after a boot of this slot. */
function boot(
  slot: "A" | "B",
  b: Parameters<typeof statusWith>[0],
  bootId: string,
): Promise<SlotWatch> {
  const status = { ...statusWith(b), active: slot };
  return createSlotWatch({
    fs: createNodeFs(root),
    exec: createMemoryExec({
      "/usr/bin/systemctl": () => {
        put(`${PATHS.signpostAnswers}/status.json`, JSON.stringify(status));
        return { exitCode: 0, stdout: "", stderr: "" };
      },
    }),
    clock: createMemoryClock(),
    log: createLog({ write: (line) => (logged += line), journal: false }),
    os: {
      pretty_name: "Ballast",
      variant_id: "v",
      version_id: "2.0.0",
      build_id: "b",
      arch: "x86_64",
      slot,
      root_hash: slot === "A" ? HASH_A : HASH_B,
    },
    bootId,
    root,
  });
}

async function trialOfB(health: Health): Promise<SlotWatch> {
  variable(PATHS.trialVariable, "1");
  const watch = await boot("B", [2, 0, false], "boot-b");
  await watch.start();
  await watch.sawHealth(health);
  rmSync(join(root, PATHS.trialVariable));
  return watch;
}

describe("SlotWatch", () => {
  it("tells after a trial what the other slot lacked, and says so once", async () => {
    expect(await (await trialOfB(SICK)).isTrial()).toBe(true);
    const watch = await boot("A", [2, 0, false], "boot-a");
    expect(watch.lastFailure()).toBeNull();
    await watch.start();
    expect(watch.lastFailure()).toMatchObject({
      slot: "B",
      unmet: [{ name: "health.web", reason: "refused" }],
    });
    expect(await watch.report()).toMatchObject({
      active: "A",
      trial: false,
      slots: { A: { state: "active" }, B: { state: "failed" } },
      last_failure: watch.lastFailure(),
    });
    const later = await boot("A", [2, 0, false], "boot-a2");
    await later.start();
    expect(later.lastFailure()).toEqual(watch.lastFailure());
    expect(logged.match(/The other slot has failed/g)).toHaveLength(1);
  });

  it("judges nothing during a trial, and shows no failure then", async () => {
    put(`${PATHS.kernelLogs}/${PANIC_LOG.id}/dmesg.txt`, PANIC_LOG.text);
    await trialOfB(SICK);
    variable(PATHS.trialVariable, "1");
    const watch = await boot("B", [2, 0, false], "boot-b2");
    await watch.start();
    expect(await watch.report()).toMatchObject({ trial: true, last_failure: null });
    rmSync(join(root, PATHS.trialVariable));
    const after = await boot("A", [2, 0, false], "boot-a");
    await after.start();
    // The first trial's panic, found only now.
    expect(after.lastFailure()?.reason).toContain("dm-verity");
  });

  it("ends the trial with the mark and leaves no record of it", async () => {
    const watch = await trialOfB(HEALTHY);
    put(PATHS.slotMarked, "");
    expect(await watch.isTrial()).toBe(false);
    await watch.sawHealth(HEALTHY);
    const record = createNodeFs(root).readText(PATHS.trialRecord);
    expect(JSON.parse((await record) ?? "")).toMatchObject({ attempts: [], last_failure: null });
  });

  it("takes the selector's word for a slot that it passed over", async () => {
    const [own, other] = ["0a0a0a0a-1111", "0b0b0b0b-2222"];
    variable(PATHS.loaderVariable, own.toUpperCase());
    variable(PATHS.skippedVariable, `${other} its image is no PE file\n`);
    const watch = await boot("A", [2, 1, false], "boot-a");
    await watch.start();
    expect(watch.lastFailure()?.reason).toBe(
      "The selector could not start it: its image is no PE file",
    );
  });

  it("does not take a line about the running slot for one about the other", async () => {
    variable(PATHS.loaderVariable, "0A0A0A0A-1111");
    variable(PATHS.skippedVariable, "0a0a0a0a-1111 first tried in vain\n");
    const watch = await boot("A", [2, 1, false], "boot-a");
    await watch.start();
    expect(watch.lastFailure()).toBeNull();
  });

  it("lives with a machine on which signpost cannot run", async () => {
    const watch = await createSlotWatch({
      fs: createNodeFs(root),
      exec: createMemoryExec({}),
      clock: createMemoryClock(),
      log: createLog({ write: (line) => (logged += line), journal: false }),
      os: {
        pretty_name: "",
        variant_id: "",
        version_id: "",
        build_id: "",
        arch: "",
        slot: null,
        root_hash: null,
      },
      bootId: undefined,
      root,
    });
    await watch.start();
    expect(logged).toContain("Slots not looked at");
    await expect(watch.report()).rejects.toMatchObject({ code: "system.spawn" });
  });
});
