import { generateKeyPairSync } from "node:crypto";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { EXAMPLE_CERTIFICATE } from "@ballast/model/reference";
import * as fc from "fast-check";
import { parse } from "smol-toml";
import { describe, expect, it } from "vitest";
import { harbour } from "../examples/one-machine.ts";
import { checkToml } from "./check-toml.ts";
import { ConfigError, defineMachine, fromEnv, fromFile, toSettings, toUserData } from "./index.ts";

function reasonOf(act: () => unknown): string {
  try {
    act();
  } catch (error) {
    if (error instanceof ConfigError) return error.message;
    throw error;
  }
  return "";
}

describe("toUserData()", () => {
  it("writes TOML as a person would", () => {
    const machine = defineMachine({
      settings: {
        motd: "Keep\nout",
        network: { hostname: "harbour-7" },
        api: { remote: { port: 443 } },
        health: { web: { unit: "web.service" }, db: { tcp: "[::1]:5432" } },
      },
    });
    expect(toUserData(machine)).toBe(`[settings]
motd = """
Keep
out"""

[settings.network]
hostname = "harbour-7"

[settings.api.remote]
port = 443

[settings.health.web]
unit = "web.service"

[settings.health.db]
tcp = "[::1]:5432"
`);
  });

  it("writes what a parser reads back, and what the check of user data takes", () => {
    const name = fc.stringMatching(/^[a-z0-9][a-z0-9-]{0,8}$/);
    const settings = fc.record(
      {
        motd: fc
          .string({ unit: "grapheme", maxLength: 60 })
          .map((text) => text.replaceAll(/[\p{Cc}--\n]/gv, "")),
        network: fc.record({ hostname: name }, { requiredKeys: [] }),
        boot: fc.record({ "trial-limit": fc.integer({ min: 60, max: 3600 }) }),
        health: fc.dictionary(name, fc.record({ unit: fc.constant("web.service") }), {
          maxKeys: 4,
        }),
      },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(settings, (given) => {
        const text = toUserData(defineMachine({ settings: given }));
        expect(parse(text)).toEqual({ settings: given });
        expect(checkToml(text)).toEqual([]);
      }),
    );
  });

  it("names every key that is wrong with its rule, and no value", () => {
    const machine = defineMachine({
      name: "pier",
      settings: { motd: "bell\u0007s3cret", boot: { "trial-limit": 5 }, health: { UP: {} } },
    });
    const reason = reasonOf(() => toUserData(machine));
    expect(reason).toBe(`Cannot make user data of "pier":
  settings.boot.trial-limit must be at least 60 seconds
  settings.motd must not contain control characters other than newline
  settings.health.UP must be named by 1 to 63 lower-case letters, digits or '-', not starting with '-'`);
    expect(reason).not.toContain("s3cret");
  });

  it("knows the rules between settings", () => {
    const machine = defineMachine({
      settings: { api: { remote: { enabled: true } }, health: { web: { "timeout-seconds": 3 } } },
    });
    expect(reasonOf(() => toUserData(machine)).split("\n  ")).toEqual([
      "Cannot make user data:",
      "settings.api.remote.ca-certificate must be set when api.remote.enabled is true",
      "settings.api.remote.server-certificate must be set when api.remote.enabled is true",
      "settings.api.remote.server-key must be set when api.remote.enabled is true",
      "settings.health.web must have exactly one of unit, http, tcp, has none",
    ]);
  });

  it("refuses a table that holds itself", () => {
    const table: Record<string, unknown> = {};
    table["network"] = table;
    expect(reasonOf(() => toUserData(defineMachine({ settings: table })))).toContain("must");
  });

  it("refuses an instance of a class by its key", () => {
    const settings: object = { motd: new Date(0) };
    expect(reasonOf(() => toUserData(defineMachine({ settings })))).toContain(
      "settings.motd must be a",
    );
  });
});

describe("the example of one machine", () => {
  it("becomes the user data that it stands for", async () => {
    await using folder = await temporaryFolder();
    const key = generateKeyPairSync("ed25519").privateKey.export({ type: "pkcs8", format: "pem" });
    await mkdir(join(folder.path, "credentials"));
    await writeFile(join(folder.path, "credentials/ca.pem"), EXAMPLE_CERTIFICATE);
    await writeFile(join(folder.path, "credentials/server.pem"), EXAMPLE_CERTIFICATE);
    await writeFile(join(folder.path, "credentials/server.key"), key);
    expect(parse(toUserData(harbour, { directory: folder.path }))).toEqual({
      settings: {
        motd: "Property of the harbour office",
        network: { hostname: "harbour-7" },
        api: {
          remote: {
            enabled: true,
            "ca-certificate": EXAMPLE_CERTIFICATE,
            "server-certificate": EXAMPLE_CERTIFICATE,
            "server-key": key.trimEnd(),
          },
        },
        health: { web: { http: "http://127.0.0.1:8080/ready", "expect-status": 200 } },
      },
    });
  });
});

describe("deferred texts", () => {
  it("come from files below the folder, whole and without one line end at their end", async () => {
    await using folder = await temporaryFolder();
    await writeFile(join(folder.path, "ca.pem"), `${EXAMPLE_CERTIFICATE}\n`);
    await writeFile(join(folder.path, "motd"), "two\n\n");
    const machine = defineMachine({
      settings: {
        motd: fromFile("motd"),
        api: { remote: { "ca-certificate": fromFile("ca.pem") } },
      },
    });
    const expected = { motd: "two\n", api: { remote: { "ca-certificate": EXAMPLE_CERTIFICATE } } };
    expect(toSettings(machine, { directory: folder.path })).toEqual(expected);
    expect(parse(toUserData(machine, { directory: folder.path }))).toEqual({ settings: expected });
  });

  it("can be any bytes in base64", async () => {
    await using folder = await temporaryFolder();
    await writeFile(join(folder.path, "blob"), Buffer.from([0xff, 0x00, 0x0a]));
    const settings = { motd: fromFile("blob", { encoding: "base64" }) };
    expect(toSettings(defineMachine({ settings }), { directory: folder.path })).toEqual({
      motd: "/wAK",
    });
    const asText = defineMachine({ settings: { motd: fromFile("blob") } });
    expect(reasonOf(() => toSettings(asText, { directory: folder.path }))).toBe(
      'Cannot read "blob" for settings.motd: it is not UTF-8',
    );
  });

  it("name their key when there is nothing to fetch", () => {
    const file = defineMachine({ settings: { network: { hostname: fromFile("none") } } });
    expect(reasonOf(() => toSettings(file))).toBe(
      'Cannot read "none" for settings.network.hostname',
    );
    const variable = defineMachine({ settings: { health: { web: { http: fromEnv("URL") } } } });
    expect(reasonOf(() => toSettings(variable, { env: {} }))).toBe(
      'Cannot read variable "URL" for settings.health.web.http: it is not set',
    );
  });

  it("show nothing of themselves in the machine", () => {
    process.env["BALLAST_TEST_SECRET"] = "s3cret";
    const machine = defineMachine({ settings: { motd: fromEnv("BALLAST_TEST_SECRET") } });
    expect(JSON.stringify(machine)).not.toContain("s3cret");
    expect(toSettings(machine)).toEqual({ motd: "s3cret" });
    delete process.env["BALLAST_TEST_SECRET"];
  });
});

async function temporaryFolder() {
  const path = await mkdtemp(join(tmpdir(), "ballast-config-"));
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true }) };
}
