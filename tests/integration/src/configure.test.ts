import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { Boot, Health } from "@ballast/model";
import { describe, expect, it } from "vitest";
import { startMachine, type Machine } from "./machine.ts";

const STATE = "var/lib/ballast/user-data.toml";
const GOOD = 'settings.motd = "from user data"\n[settings.network]\nhostname = "first"\n';

async function boot(machine: Machine): Promise<Boot> {
  return Boot.parse((await machine.call("GET", "/boot")).json);
}

function verdicts(machine: Machine): string[] {
  return machine
    .read("dev/console")
    .split("\n")
    .filter((line) => line.startsWith("Ballast: "));
}

describe("apiserver configure", () => {
  it("applies defaults without a source and leaves user data for a later boot", async () => {
    await using machine = await startMachine();
    expect(await machine.configure()).toBe(0);
    expect(await boot(machine)).toMatchObject({
      slot: "A",
      provisioned: false,
      user_data_source: null,
    });
    expect(machine.read("run/ballast/etc/motd")).toBe("Welcome to Ballast\n");
    expect((await machine.call("GET", "/health")).status).toBe(200);
    await machine.until(() => verdicts(machine).includes("Ballast: healthy"));
    expect(machine.read("dev/console")).toContain(
      "\nBallast 1.2.3 test (build b1)\n  slot      A\n",
    );

    await machine.stop();
    machine.remove("run/ballast/boot.json");
    machine.write(STATE, GOOD);
    await machine.start();
    expect(await machine.configure()).toBe(0);
    expect(await boot(machine)).toMatchObject({ provisioned: true, user_data_source: "state" });
    expect(machine.read("run/ballast/etc/hostname")).toBe("first\n");
  });

  it("accepts user data once", async () => {
    await using machine = await startMachine({ [STATE]: GOOD });
    expect(await machine.configure()).toBe(0);
    await machine.set({ motd: "by api" });
    await machine.stop();
    machine.remove("run/ballast/boot.json");
    machine.write(STATE, GOOD.replace("first", "second"));
    await machine.start();
    expect(await machine.configure()).toBe(0);
    expect((await machine.call("GET", "/settings?keys=motd,network.hostname")).json).toEqual({
      motd: "by api",
      network: { hostname: "first" },
    });
    const again = await machine.call("POST", "/actions/provision", {
      body: { source: "x", user_data: GOOD },
    });
    expect(again.status).toBe(409);
  });

  it.each([
    [
      "fw-cfg",
      {
        "sys/class/dmi/id/sys_vendor": "QEMU\n",
        "sys/firmware/qemu_fw_cfg/by_name/opt/ballast/user-data/raw": GOOD,
      },
    ],
    ["volume:cidata", { "dev/disk/by-label/cidata": "", "disks/cidata/user-data.toml": GOOD }],
    ["volume:BALLAST", { "dev/disk/by-label/BALLAST": "", "disks/ballast/user-data.toml": GOOD }],
  ])("takes user data from %s", async (source, files) => {
    await using machine = await startMachine(files);
    expect(await machine.configure()).toBe(0);
    expect(await boot(machine)).toMatchObject({ provisioned: true, user_data_source: source });
    expect(machine.has("run/ballast/volume/cidata")).toBe(false);
  });

  it.each([
    ["TOML that ends early", '[settings\nmotd = "x"', "line 1"],
    ["a key twice", '[settings]\nmotd = "x"\nmotd = "y"', "line 3"],
    [
      "an unknown key",
      '[settings]\nmotd = "x"\nnope = 1',
      '"settings.nope" is not a known setting',
    ],
    ["another top-level table", '[setings]\nmotd = "x"', '"setings" is not known'],
    [
      "a bad value",
      '[settings.network]\nhostname = "Bad Name"',
      '"settings.network.hostname" must',
    ],
    ["a date", "settings.motd = 2026-01-01", '"settings.motd" must be a string'],
    ["a broken rule", "[settings.api.remote]\nenabled = true", "api.remote.ca-certificate"],
    ["control characters, which JSON writes six times as long", "\u0001".repeat(200_000), "line 1"],
    ["tables without end", `a${".a".repeat(50_000)} = 1`, '"a" is not known'],
    ["settings without end", `settings${".a".repeat(50_000)} = 1`, "nested deeper"],
    ["settings that are a text", 'settings = "x"', '"settings" must be a table'],
    ["too many bytes", `settings.motd = "${"x".repeat(300_000)}"`, "longer than"],
    ["a hostile key", '[settings]\n"\\u001b[2J\\nBallast: healthy" = 1', "is not a known setting"],
  ])(
    "refuses %s, shows why, applies nothing, and takes corrected data",
    async (_name, bad, reason) => {
      await using machine = await startMachine({ [STATE]: bad });
      const configured = machine.configure();
      await machine.until(async () => (await boot(machine)).user_data_error !== null);
      expect((await boot(machine)).user_data_error).toContain(reason);
      expect((await boot(machine)).provisioned).toBe(false);
      expect(machine.has("run/ballast/etc/motd")).toBe(false);
      const health = await machine.call("GET", "/health");
      expect([health.status, Health.parse(health.json).status]).toEqual([503, "degraded"]);
      await machine.until(() =>
        verdicts(machine).some((line) => line.startsWith("Ballast: user data refused: ")),
      );
      expect(machine.read("dev/console")).toContain(reason);
      expect(verdicts(machine)).not.toContain("Ballast: healthy");
      // The medium is taken away, corrected and put back.
      machine.remove(STATE);
      machine.write(STATE, GOOD);
      expect(await configured).toBe(0);
      expect(await boot(machine)).toMatchObject({ provisioned: true, user_data_error: null });
      expect(machine.read("run/ballast/etc/motd")).toBe("from user data\n");
      await machine.until(() => verdicts(machine).includes("Ballast: healthy"));
    },
  );

  it("says that user data was not accepted also when the database fails", async () => {
    await using machine = await startMachine({ [STATE]: GOOD });
    const holder = new DatabaseSync(join(machine.root, "var/lib/ballast/settings/1.2.3.sqlite"));
    holder.exec("BEGIN IMMEDIATE");
    const configured = machine.configure();
    await machine.until(async () =>
      (await machine.call("GET", "/health")).text.includes("refused"),
    );
    await machine.until(() =>
      machine
        .read("dev/console")
        .includes("Ballast: user data refused: User data was not accepted"),
    );
    holder.close();
    expect(await configured).toBe(0);
    expect(await boot(machine)).toMatchObject({ provisioned: true, user_data_error: null });
  });

  it("waits for a volume that cannot be mounted", async () => {
    await using machine = await startMachine({
      "dev/disk/by-label/cidata": "",
      "disks/cidata/user-data.toml": GOOD,
      "fail-mount": "",
    });
    const configured = machine.configure();
    await machine.until(
      async () => (await boot(machine)).user_data_error?.includes("wrong fs type") === true,
    );
    expect(machine.read("systemctl.log")).toContain("reset-failed run-ballast-volume-cidata.mount");
    machine.remove("fail-mount");
    expect(await configured).toBe(0);
    expect(await boot(machine)).toMatchObject({
      provisioned: true,
      user_data_source: "volume:cidata",
    });
  });

  it("waits for a server that is not there yet or goes away", async () => {
    await using machine = await startMachine({ [STATE]: GOOD });
    await machine.stop("SIGKILL");
    const configured = machine.configure();
    await machine.start();
    expect(await configured).toBe(0);
  });
});
