import { describe, expect, it } from "vitest";
import { SettingExplanation } from "../api/setting-explanation.ts";
import { explainSetting } from "./explain-setting.ts";

type Stored = Parameters<typeof explainSetting>[1];

const STORED: Stored = new Map([
  ["motd", { value: "hi", source: "user-data" }],
  ["containers.web.image", { value: "docker.io/library/nginx:1", source: "api" }],
  ["api.remote.server-key", { value: "SECRET", source: "generated" }],
]);

function explain(key: string): SettingExplanation {
  const result = explainSetting(key, STORED);
  if (!result.found) throw new Error(result.reason);
  return SettingExplanation.parse(result.explanation);
}

describe("explainSetting()", () => {
  it.each([
    ["motd", "hi", "user-data"],
    ["settings.network.hostname", "ballast", "default"],
    ["network.https-proxy", null, null],
    ["network.https-proxy-credentials", null, null],
    ["containers.web.image", "docker.io/library/nginx:1", "api"],
    ["containers.web.enabled", true, "default"],
    ["containers.other.image", null, null],
    ["containers.<name>.image", null, null],
    ["network", null, null],
  ])("%s", (key, value, source) => {
    expect(explain(key)).toMatchObject({ value, source });
  });

  it("tells of a secret that it is set, and by whom, but not what it is", () => {
    expect(explain("api.remote.server-key")).toMatchObject({
      secret: true,
      value: null,
      source: "generated",
    });
    const all = ["", "api", "api.remote", "api.remote.server-key"].map(explain);
    expect(JSON.stringify(all)).not.toContain("SECRET");
  });

  it("tells who may write it now", () => {
    expect(explain("motd").role).toBe("operator");
    expect(explain("network").role).toBe("admin");
    expect(explain("containers.web.image").role).toBe("operator");
    const privileged: Stored = new Map([
      ...STORED,
      ["containers.web.privileged", { value: true, source: "api" }],
    ]);
    const result = explainSetting("containers.web.image", privileged);
    expect(result).toMatchObject({ explanation: { role: "admin" } });
  });

  it("lists what lies in a table, the entries of a map and what another one would have", () => {
    expect(explain("network").children.map(({ key }) => key)).toEqual(
      expect.arrayContaining(["network.hostname", "network.interfaces"]),
    );
    expect(explain("containers").children.slice(0, 2)).toMatchObject([
      { key: "containers.web", kind: "table" },
      { key: "containers.<name>.image", kind: "setting", value: null },
    ]);
    expect(explain("kernel.sysctl").children).toMatchObject([{ key: "kernel.sysctl.<name>" }]);
    expect(explain("motd").children).toEqual([]);
  });

  it("lists every group for the empty key, each with a sentence", () => {
    const { children } = explain("");
    expect(children.map(({ key }) => key)).toEqual(
      expect.arrayContaining(["api.remote", "motd", "network"]),
    );
    expect(children.filter(({ description }) => description === null)).toEqual([]);
    expect(explain("settings").children).toEqual(children);
  });

  it.each([
    ["nothing", "is not a known setting"],
    ["containers.<name>.nothing", "is not a known setting"],
    ["<name>", "is not a known setting"],
    ["containers.UP", expect.stringContaining("must be named by")],
    ["__proto__", "is not a known setting"],
  ])("does not know %s", (key, reason) => {
    expect(explainSetting(key, STORED)).toEqual({ found: false, reason });
  });
});
