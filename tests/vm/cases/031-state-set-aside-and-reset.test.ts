import { open } from "node:fs/promises";
import {
  bootsLimitMs,
  inLab,
  mustBeSoundTable,
  PARTITION,
  readPartition,
  writeNoise,
  type Guest,
} from "@ballast/testkit";
import { runTool } from "@ballast/vm";
import { expect, test } from "vitest";

const MIB = 1 << 20;
const RESET_DUE = 58;
const USER_DATA = '[settings]\nmotd = "From user data"\n';
const UNITS_ARE_UP = /\{"name":"essential-units","status":"ok"\}/;
/** Of an ext4 superblock, which begins at byte 1024. */
const UUID_AT = 1024 + 0x68;

/**
 * What the check of STATE cannot repair is left as it is, and the machine boots from user data, loudly degraded. A reset
 * makes it whole, and a later one brings it back to the first boot once more.
 */
test(
  "031 a machine without a usable STATE serves, and a reset brings back the first boot",
  { timeout: bootsLimitMs(3) },
  inLab(async (lab) => {
    const path = await lab.makeDisk();
    const state = await readPartition(path, PARTITION.state);
    // Behind superblock and group descriptors: nothing that a check without questions could repair.
    await writeNoise(path, state.startBytes + 8 * 1024, 16 * MIB);
    const shipped = await fileSystems(path);
    const guest = await lab.boot({
      userData: USER_DATA,
      disk: { path, format: "raw" },
      allowed: [
        {
          // The console cuts the middle of long names out.
          pattern:
            /^\[(?:FAILED|DEPEND)\] .*(?:\/ballast\/state\.|TATE, the settings of this machine\.)$/,
          reason: "The case destroys the file system of STATE.",
        },
        {
          pattern: /^\[DEPEND\] Dependency failed for update-agent.*update-agent status\.$/,
          reason: "The update agent keeps what it trusts on STATE, and does not start without it.",
        },
      ],
    });
    await guest.answering();
    await guest.machine.console.waitFor(/^Ballast: settings are volatile, .*RUN fsck MANUALLY/, {
      timeoutMs: 300_000,
    });
    expect(await guest.api.get("/boot")).toMatchObject({
      provisioned: true,
      user_data_source: "fw-cfg",
      state: { kind: "volatile", reason: expect.stringContaining("RUN fsck MANUALLY") },
    });
    await expect
      .poll(() => guest.api.send({ path: "/health" }), { timeout: 120_000, interval: 2_000 })
      .toMatchObject({ status: 503, text: expect.stringMatching(UNITS_ARE_UP) });
    const health = JSON.parse((await guest.api.send({ path: "/health" })).text);
    expect(health).toMatchObject({
      status: "degraded",
      checks: expect.arrayContaining([
        expect.objectContaining({ name: "state", status: "failed" }),
      ]),
    });
    expect(await guest.api.get("/settings")).toMatchObject({ motd: "From user data" });
    await guest.api.call("PATCH", "/settings", { motd: "In memory" });
    await guest.api.call("POST", "/tx/commit_and_apply");
    expect(await guest.api.get("/settings")).toMatchObject({ motd: "In memory" });

    const boot = guest.machine.console.lines.length;
    await guest.requestReset("/actions/reset", { data: true });
    await guest.healthy({ fromLine: boot });
    await guest.machine.console.waitFor(/a reset is due: DATA is to be made anew/, {
      timeoutMs: 1_000,
    });
    await expectFirstBoot(guest);

    await guest.api.call("PATCH", "/settings", { motd: "Kept until the next reset" });
    await guest.api.call("POST", "/tx/commit_and_apply");
    await guest.reboot("/actions/reset", {});
    await expectFirstBoot(guest);
    await guest.shutDown();
    expect(await resetsDue(path)).toEqual([false, false]);
    const made = await fileSystems(path);
    expect([made.state === shipped.state, made.data === shipped.data]).toEqual([false, false]);
  }),
);

/** As the disk is after a power cut in the middle of the wipe: the table asks for it, and STATE is half of nothing. */
test(
  "031 a wipe that a power cut ended is begun again",
  { timeout: bootsLimitMs(2) },
  inLab(async (lab) => {
    const path = await lab.makeDisk();
    await runTool("sgdisk", [`--attributes=${PARTITION.state}:set:${RESET_DUE}`, path]);
    const { startBytes, sizeBytes } = await readPartition(path, PARTITION.state);
    expect(await resetsDue(path)).toEqual([true, false]);
    await writeNoise(path, startBytes, sizeBytes / 2);
    const guest = await lab.boot({ userData: USER_DATA, disk: { path, format: "raw" } });
    await guest.healthy();
    await expectFirstBoot(guest);
    await guest.shutDown();
    expect(await resetsDue(path)).toEqual([false, false]);
  }),
);

async function expectFirstBoot({ api }: Guest): Promise<void> {
  expect(await api.get("/boot")).toMatchObject({
    provisioned: true,
    user_data_source: "fw-cfg",
    state: { kind: "stored", reason: null },
  });
  expect(await api.get("/settings")).toMatchObject({ motd: "From user data" });
  const history = JSON.stringify(await api.get("/history"));
  expect(history).not.toMatch(/In memory|Kept until/);
  expect(history).not.toContain('"source":"api"');
}

/** Whether STATE and DATA are to be made anew at the next start. */
async function resetsDue(path: string): Promise<boolean[]> {
  await mustBeSoundTable(path);
  const parts = [PARTITION.state, PARTITION.data].map((part) => readPartition(path, part));
  return (await Promise.all(parts)).map(
    ({ attributes }) => ((attributes >> BigInt(RESET_DUE)) & 1n) === 1n,
  );
}

/** UUIDs of the file systems of STATE and DATA. */
async function fileSystems(path: string): Promise<{ state: string; data: string }> {
  await using file = await open(path);
  const uuidOf = async (number: number): Promise<string> => {
    const { startBytes } = await readPartition(path, number);
    const bytes = Buffer.alloc(16);
    await file.read(bytes, 0, 16, startBytes + UUID_AT);
    return bytes.toString("hex");
  };
  return { state: await uuidOf(PARTITION.state), data: await uuidOf(PARTITION.data) };
}
