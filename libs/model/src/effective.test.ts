import { describe, expect, it } from "vitest";
import {
  affectedFiles,
  affectedServices,
  checkRules,
  effectiveSettings,
  nestSettings,
  PartialSettingsSchema,
  imageFilesOf,
  renderService,
  SERVICES,
  withoutSecrets,
} from "./settings.ts";

describe("effectiveSettings()", () => {
  it("puts what was set over the defaults, which every group gives completely", () => {
    const defaults = effectiveSettings(new Map());
    expect(PartialSettingsSchema.safeParse(nestSettings(defaults)).success).toBe(true);
    expect(checkRules(defaults)).toEqual([]);
    expect(effectiveSettings(new Map([["motd", "x"]])).get("motd")).toBe("x");
  });

  it("nests for typed readers", () => {
    const settings = nestSettings(effectiveSettings(new Map([["api.remote.port", 9]])));
    expect(settings.api.remote.port).toBe(9);
    expect(settings.network.hostname).toBe("ballast");
  });
});

describe("checkRules()", () => {
  it("names the whole key", () => {
    const issues = checkRules(effectiveSettings(new Map([["api.remote.enabled", true]])));
    expect(issues.map(({ key }) => key)).toContain("api.remote.server-key");
  });
});

describe("withoutSecrets()", () => {
  it("drops the server key only", () => {
    const flat = new Map([
      ["motd", "x"],
      ["api.remote.server-key", "s"],
    ]);
    expect([...withoutSecrets(flat).keys()]).toEqual(["motd"]);
  });
});

describe("services", () => {
  it("follow from changed keys, in the order of the registry", () => {
    const names = (...keys: string[]): string[] =>
      affectedServices(keys).map(({ service }) => service.name);
    expect(names("motd")).toEqual(["motd"]);
    expect(names("api.remote.port", "network.hostname")).toEqual(["hostname", "api-remote"]);
    expect(names()).toEqual([]);
    expect(affectedFiles(["network.hostname"])).toEqual(["hostname", "sysctl-hostname.conf"]);
  });

  it("render their files from defaults, each path once", () => {
    const files = SERVICES.flatMap((entry) => {
      const imageTexts = new Map(imageFilesOf(entry).map((path) => [path, ""]));
      return renderService(entry, effectiveSettings(new Map()), imageTexts);
    });
    expect(new Set(files.map(({ path }) => path)).size).toBe(files.length);
    expect(files.find(({ path }) => path === "motd")?.text).toBe("Welcome to Ballast\n");
    expect(files.find(({ path }) => path === "remote/server.key")?.text).toBeUndefined();
  });
});
