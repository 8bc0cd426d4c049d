import { Boot, Health, ResetReport } from "@ballast/model";
import { describe, expect, it } from "vitest";
import { startMachine, type Machine } from "./machine.ts";

const DUE = JSON.stringify({ changed: true, reset_due: { state: true, data: false } });
const ANSWERS = {
  "signpost/request-reset.json": DUE,
  "signpost/request-reset-data.json": DUE.replace("false", "true"),
  "signpost/cancel-reset.json": DUE.replaceAll("true", "false"),
};
const STATE = "/dev/vda8 /var/lib/ballast ext4 rw,nosuid,nodev,noexec 0 0\n";
const MEMORY = "tmpfs /var/lib/ballast tmpfs rw,nosuid,nodev,noexec,size=65536k 0 0\n";

async function stateOf(machine: Machine) {
  const { state } = Boot.parse((await machine.call("GET", "/boot")).json);
  const { checks } = Health.parse((await machine.call("GET", "/health")).json);
  return { state, check: checks.find(({ name }) => name === "state") };
}

function starts(machine: Machine): string[] {
  return [...machine.read("systemctl.log").matchAll(/start signpost@(\S+)\.service|(reboot)$/gm)]
    .map(([, command, reboot]) => command ?? reboot ?? "")
    .filter((command) => command !== "status");
}

describe("POST /actions/reset", () => {
  it.each([
    [{}, "request-reset", false],
    [{ data: false }, "request-reset", false],
    [{ data: true }, "request-reset-data", true],
  ])("with %j has signpost mark the table, and restarts", async (body, command, data) => {
    await using machine = await startMachine(ANSWERS);
    const reply = await machine.call("POST", "/actions/reset", { body });
    expect(reply.status).toBe(200);
    expect(ResetReport.parse(reply.json)).toEqual({ data, rebooting: true });
    expect(starts(machine)).toEqual([command, "reboot"]);
    await machine.until(() => machine.log.includes("API write"));
    expect(machine.log).toMatch(new RegExp(`path=/actions/reset data=${data} status=200`));
  });

  it.each([
    ["signpost.selector-too-old", 409],
    ["signpost.active-slot-conflict", 409],
    ["gpt.no-such-partition", 409],
  ])("answers %s with %d in the words of signpost, and does not restart", async (code, status) => {
    const error = { code, message: "Cannot request a reset: so it is", hint: "Do this." };
    await using machine = await startMachine({
      "signpost/request-reset.json": JSON.stringify({ error }),
    });
    const reply = await machine.call("POST", "/actions/reset", { body: {} });
    expect(reply.status).toBe(status);
    expect(reply.json).toMatchObject({ detail: "Cannot request a reset: so it is" });
    expect(starts(machine)).toEqual(["request-reset"]);
  });

  it("takes the request back when the machine cannot be restarted", async () => {
    await using machine = await startMachine({ ...ANSWERS, "fail-power": "" });
    const reply = await machine.call("POST", "/actions/reset", { body: {} });
    expect([reply.status, reply.text]).toEqual([500, expect.stringContaining("Cannot reboot")]);
    expect(starts(machine)).toEqual(["request-reset", "reboot", "cancel-reset"]);
  });

  it.each([[undefined], [[]], [{ data: "yes" }], [{ Data: true }], [{ data: null }]])(
    "refuses the body %j",
    async (body) => {
      await using machine = await startMachine(ANSWERS);
      const reply = await machine.call(
        "POST",
        "/actions/reset",
        body === undefined ? {} : { body },
      );
      expect(reply.status).toBe(400);
      expect(machine.has("systemctl.log") ? starts(machine) : []).toEqual([]);
    },
  );

  it("is what apiclient reset calls", async () => {
    await using machine = await startMachine(ANSWERS);
    const done = await machine.client(["reset", "--data", "--yes"]);
    expect([done.exitCode, done.stdout]).toEqual([
      0,
      "The machine restarts now, and STATE and DATA are made anew",
    ]);
    expect(starts(machine)).toEqual(["request-reset-data", "reboot"]);
  });
});

describe("STATE that cannot be used", () => {
  it("makes the machine degraded, loudly and with the reason, while it takes user data and commits", async () => {
    await using machine = await startMachine({
      "proc/self/mounts": MEMORY,
      "run/ballast/state-volatile": "Superblock is bad.\nRUN fsck MANUALLY.\n",
      "sys/class/dmi/id/sys_vendor": "QEMU\n",
      "sys/firmware/qemu_fw_cfg/by_name/opt/ballast/user-data/raw":
        '[settings]\nmotd = "From user data"\n',
    });
    expect(await machine.configure()).toBe(0);
    const reason = "Superblock is bad.; RUN fsck MANUALLY.";
    const told = `settings are volatile, the next start loses them: STATE cannot be used: ${reason}`;
    expect(await stateOf(machine)).toEqual({
      state: { kind: "volatile", reason },
      check: { name: "state", status: "failed", reason: told },
    });
    expect(Boot.parse((await machine.call("GET", "/boot")).json).provisioned).toBe(true);
    expect((await machine.set({ network: { hostname: "still-changes" } })).status).toBe(200);
    await machine.until(() => machine.read("dev/console").includes(`\nBallast: ${told}\n`));
    expect(machine.read("dev/console")).toContain("Ballast: degraded");
  });

  it("is seen when the kernel stops writing to it, and when that is over", async () => {
    await using machine = await startMachine({ "proc/self/mounts": STATE });
    const stored = {
      state: { kind: "stored", reason: null },
      check: { name: "state", status: "ok" },
    };
    expect(await stateOf(machine)).toEqual(stored);
    machine.write("proc/self/mounts", STATE.replace("rw,", "ro,"));
    expect(await stateOf(machine)).toMatchObject({
      state: { kind: "read-only" },
      check: { status: "failed", reason: expect.stringContaining("STATE is read-only") },
    });
    machine.write("proc/self/mounts", STATE);
    expect(await stateOf(machine)).toEqual(stored);
  });
});
