import { Boot, Health, Plan } from "@ballast/model";
import { describe, expect, it } from "vitest";
import { Machine, startMachine } from "./machine.ts";

const GUID = "9827a087-6bb9-4c6f-81e2-7dd9ee596f0b";
const EFIVARS = "sys/firmware/efi/efivars";
const REBOOT = "--no-block --no-wall --no-ask-password reboot";
const USER_DATA = `[settings.boot]
reboot-to-reconcile = true
kernel-parameters = { hugepages = ["512", "4"], hugepagesz = ["2M", "1G"] }
init-parameters."systemd.log_level" = ["debug"]
`;
const TEXT = "hugepagesz=2M hugepages=512 hugepagesz=1G hugepages=4 systemd.log_level=debug";

/** What a machine finds that was started by the selector: its words, and what it has put on the command line. */
function files(parameters = "", outcome?: string): Record<string, string> {
  const utf16 = outcome === undefined ? "" : Buffer.from(`${outcome}\0`, "utf16le").toString();
  return {
    "proc/cmdline": `quiet ballast.parameters${parameters === "" ? "" : ` ${parameters}`}\n`,
    [`${EFIVARS}/LoaderInfo-4a67b082-0a4c-41cf-b6c7-440b29bb8c4f`]: "....x",
    ...(outcome === undefined
      ? {}
      : { [`${EFIVARS}/BallastParametersOutcome-${GUID}`]: `....${utf16}` }),
  };
}

async function restart(machine: Machine, parameters: string, outcome: string): Promise<void> {
  await machine.stop();
  machine.remove("run/ballast/boot.json");
  machine.remove("run/ballast/etc");
  machine.remove("run/ballast/parameters-at-start");
  machine.write("systemctl.log", "");
  for (const [path, text] of Object.entries(files(parameters, outcome))) machine.write(path, text);
  await machine.start();
  expect(await machine.configure()).toBe(0);
}

async function parametersOf(machine: Machine): Promise<Boot["parameters"]> {
  return Boot.parse((await machine.call("GET", "/boot")).json).parameters;
}

async function planned(machine: Machine, settings: unknown): Promise<Plan> {
  expect((await machine.call("PATCH", "/settings", { body: settings })).status).toBe(204);
  return Plan.parse((await machine.call("GET", "/tx/plan")).json);
}

function calls(machine: Machine): string[] {
  return machine
    .read("systemctl.log")
    .split("\n")
    .filter((line) => /boot-parameters|reboot$/.test(line));
}

describe("parameters in user data, with reboot-to-reconcile", () => {
  it("restart the machine once; what the restart brings is what counts", async () => {
    await using machine = await startMachine({
      ...files(),
      "var/lib/ballast/user-data.toml": USER_DATA,
    });
    expect(await machine.configure()).toBe(0);
    expect(machine.read(`${EFIVARS}/BallastParameters-${GUID}`).slice(4)).toBe(TEXT);
    expect(calls(machine)).toEqual([
      "--no-ask-password start boot-parameters@write.service",
      REBOOT,
    ]);
    expect(await parametersOf(machine)).toMatchObject({ running: [], state: "after-restart" });

    await restart(machine, TEXT, "trying");
    expect(calls(machine)).toEqual([]);
    expect(await parametersOf(machine)).toEqual({
      running: TEXT.split(" "),
      wanted: TEXT.split(" "),
      state: "as-set",
      reason: null,
    });

    // A set that was refused: the machine stays up, is healthy, and says so.
    machine.write(`${EFIVARS}/BallastParametersState-${GUID}`, `....T${TEXT}`);
    await restart(machine, "", "failed");
    expect(calls(machine)).toEqual([]);
    expect(await parametersOf(machine)).toMatchObject({ state: "refused" });
    const { status, json } = await machine.call("GET", "/health");
    expect(status).toBe(200);
    expect(Health.parse(json).checks).toContainEqual({
      name: "boot-parameters",
      status: "warning",
      reason: expect.stringMatching(/^refused: were tried/),
    });
  });

  it("do not restart a machine again that comes back without them", async () => {
    await using machine = await startMachine({
      ...files(),
      "var/lib/ballast/user-data.toml": USER_DATA,
    });
    await machine.configure();
    // A firmware that forgets.
    machine.remove(`${EFIVARS}/BallastParameters-${GUID}`);
    await restart(machine, "", "x");
    expect(calls(machine)).toEqual(["--no-ask-password start boot-parameters@write.service"]);
    expect(machine.log).toContain("it was restarted for the same ones before");
  });
});

describe("parameters by the API", () => {
  const set = (level: string | null) => ({
    boot: { "init-parameters": { "systemd.log_level": level === null ? null : [level] } },
  });

  it("are planned by what runs, and applied as something that waits", async () => {
    await using machine = await startMachine(files("systemd.log_level=debug", "proven"));
    expect(await planned(machine, set("info"))).toMatchObject({
      reboot: true,
      services: [
        {
          name: "boot-parameters",
          files: [{ path: "boot-parameters" }],
          later: "take effect when the machine restarts",
        },
      ],
    });
    expect((await machine.call("POST", "/tx/commit_and_apply")).json).toMatchObject({
      services: [
        {
          name: "boot-parameters",
          action: "stored",
          status: "ok",
          reason: "take effect when the machine restarts",
        },
      ],
    });
    // The kernel has them already.
    expect(await planned(machine, set("debug"))).toMatchObject({ reboot: false });
    expect((await machine.call("POST", "/tx/commit_and_apply")).json).toMatchObject({
      services: [{ name: "boot-parameters", action: "restarted", status: "ok" }],
    });
    // None at all is another set.
    expect(await planned(machine, set(null))).toMatchObject({ reboot: true });
    expect(machine.read("systemctl.log")).not.toContain("reboot\n");
  });

  it.each([
    [{ "kernel-parameters": { init: ["/bin/sh"] } }, "boot.kernel-parameters.init"],
    [{ "kernel-parameters": { root: ["/dev/vdb"] } }, "boot.kernel-parameters.root"],
    [{ "init-parameters": { "systemd.unit": ["x"] } }, 'boot.init-parameters."systemd.unit"'],
  ])("are refused when they are not on the list: %j", async (boot, key) => {
    await using machine = await startMachine(files());
    const { status, text } = await machine.call("PATCH", "/settings", { body: { boot } });
    expect([status, text]).toEqual([
      400,
      expect.stringContaining(JSON.stringify(key).slice(1, -1)),
    ]);
  });

  it("fail alone, and clearly, where the firmware takes no variables", async () => {
    const error = {
      code: "signpost.no-variables",
      message: "Cannot write EFI variable",
      hint: null,
    };
    await using machine = await startMachine({
      ...files(),
      "fail-variables": JSON.stringify({ error }),
    });
    await machine.configure();
    const reply = await machine.set({ motd: "hello", ...set("info") });
    expect(reply.json).toMatchObject({
      services: [
        {
          name: "boot-parameters",
          status: "failed",
          reason: expect.stringContaining("Cannot write EFI variable"),
        },
        { name: "motd", status: "ok" },
      ],
    });
    expect(await parametersOf(machine)).toMatchObject({ state: "not-stored" });
    // Another slot would have the same firmware, so it must not decide about one.
    const health = await machine.call("GET", "/health");
    expect(health.status).toBe(200);
    expect(health.text).toContain('"name":"boot-parameters","status":"warning"');

    await using without = await startMachine();
    await without.configure();
    expect((await without.call("GET", "/health")).status).toBe(200);
    expect((await without.set(set("info"))).json).toMatchObject({
      services: [{ status: "failed", reason: expect.stringContaining("offers no variables") }],
    });
  });
});
