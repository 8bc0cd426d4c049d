import { describe, expect, it } from "vitest";
import { checkRules, effectiveSettings, nestSettings, withoutSecrets } from "../../effective.ts";
import { flatten } from "../../keys.ts";
import { parsePatch } from "../../patch.ts";
import { groupsWithoutEffect, renderService, SERVICES } from "../../services.ts";

const source = "registry.example.org/admin:1.2.0";

function render(group: string, containers: unknown) {
  const entry = SERVICES.find(({ service }) => service.name === group);
  if (entry === undefined) throw new Error("no service");
  return renderService(entry, effectiveSettings(flatten({ [group]: containers })));
}

describe.each(["host-containers", "bootstrap-containers"] as const)("settings.%s", (group) => {
  const effective = (entry: unknown) => effectiveSettings(flatten({ [group]: { admin: entry } }));

  it.each([
    { source },
    { "user-data": "aGVsbG8=" },
    { "user-data": "" },
    { command: ["/init", ""] },
  ])("takes %j", (entry) => {
    expect(parsePatch({ [group]: { admin: entry } }).ok).toBe(true);
  });

  it.each([
    [{ source: "admin" }, "source"],
    [{ source: "https://x/y" }, "source"],
    [{ "user-data": "not base64" }, "user-data"],
    [{ "user-data": "aGVsbG8" }, "user-data"],
    [{ "user-data": "aGVsbG8=\n" }, "user-data"],
    [{ "user-data": "aGVs".repeat(16 * 1024 + 1) }, "user-data"],
    [{ command: "/init" }, "command"],
  ])("refuses %j without quoting it", (entry, field) => {
    const result = parsePatch({ [group]: { admin: entry } });
    expect(result).toMatchObject({ issues: [{ key: `${group}.admin.${field}` }] });
    expect(JSON.stringify(result)).not.toContain("aGVs");
  });

  it("needs a source, and hides user data", () => {
    expect(checkRules(effective({ "user-data": "aGVsbG8=" }))).toEqual([
      { key: `${group}.admin.source`, reason: "must be set" },
    ]);
    const shown = withoutSecrets(effective({ source, "user-data": "aGVsbG8=" }));
    expect([...shown.keys()].filter((key) => key.includes("user-data"))).toEqual([]);
  });

  it("has a bound, and names that can be those of units and folders", () => {
    const many = Object.fromEntries(
      Array.from({ length: 17 }, (_, index) => [`c${index}`, { source }]),
    );
    expect(parsePatch({ [group]: many })).toMatchObject({
      issues: [{ key: group, reason: "must have at most 16 entries" }],
    });
    for (const name of ["../x", "a@b", "a b", "A"])
      expect(parsePatch({ [group]: { [name]: { source } } }).ok).toBe(false);
  });

  it("is in a file that only root reads, with what is secret in it", () => {
    const entry = { source, mode: "always", "user-data": "aGVsbG8=", resources: { pids: 5 } };
    const { mode: _, ...host } = entry;
    const [file, ...more] = render(group, { a: group === "host-containers" ? host : entry });
    expect(more).toEqual([]);
    expect(file?.mode).toBe(0o600);
    const text: unknown = JSON.parse(file?.text ?? "");
    const same = { source, "user-data": "aGVsbG8=", resources: { pids: 5 } };
    expect(text).toMatchObject({ [group]: { a: same } });
  });
});

it("settings.host-containers may do little unless told", () => {
  const { admin } = nestSettings(
    effectiveSettings(new Map([["host-containers.admin.source", source]])),
  )["host-containers"];
  expect(admin).toEqual({
    ...{ source, enabled: false, superpowered: false, "api-role": "reader" },
    resources: {},
  });
  for (const role of ["none", "reader", "operator", "admin"])
    expect(parsePatch({ "host-containers": { a: { "api-role": role } } }).ok).toBe(true);
  for (const role of ["root", "", "Admin", null])
    expect(parsePatch({ "host-containers": { a: { "api-role": role } } }).ok).toBe(role === null);
});

it("settings.bootstrap-containers do not run unless told", () => {
  const { a } = nestSettings(
    effectiveSettings(new Map([["bootstrap-containers.a.source", source]])),
  )["bootstrap-containers"];
  expect(a).toEqual({ source, mode: "off", essential: false, resources: {} });
  // With nothing to run there is no file, and the boot does not start the program.
  expect(render("bootstrap-containers", { a: { source } })).toEqual([]);
  for (const mode of ["off", "once", "always"])
    expect(parsePatch({ "bootstrap-containers": { a: { mode } } }).ok).toBe(true);
  expect(parsePatch({ "bootstrap-containers": { a: { mode: "twice" } } }).ok).toBe(false);
});

it("groupsWithoutEffect() is silent about what has an effect, and about defaults", () => {
  expect(groupsWithoutEffect(undefined, effectiveSettings(new Map()))).toEqual([]);
  expect(
    groupsWithoutEffect(["motd", "kernel.lockdown", "health.web.tcp", "containers.a"], new Map()),
  ).toEqual([]);
  expect(groupsWithoutEffect(["oci-defaults.x", "host-containers.a", "motd"], new Map())).toEqual([
    { group: "oci-defaults", isSet: false },
  ]);
  const set = effectiveSettings(new Map([["oci-defaults.capabilities.chown", false]]));
  expect(groupsWithoutEffect(undefined, set)).toEqual([{ group: "oci-defaults", isSet: true }]);
});
