import { describe, expect, it } from "vitest";
import { checkRules, effectiveSettings, nestSettings } from "../../effective.ts";
import { flatten } from "../../keys.ts";
import { parsePatch } from "../../patch.ts";

function effective(ociDefaults: unknown): Map<string, unknown> {
  return effectiveSettings(flatten({ "oci-defaults": ociDefaults }));
}

describe("settings.oci-defaults", () => {
  it("starts with the capabilities that container runtimes give, one of which can be taken away", () => {
    const { capabilities } = nestSettings(effective({}))["oci-defaults"];
    expect(Object.keys(capabilities)).toHaveLength(14);
    expect(Object.values(capabilities)).not.toContain(false);
    const { capabilities: less } = nestSettings(effective({ capabilities: { mknod: false } }))[
      "oci-defaults"
    ];
    expect([less["mknod"], less["chown"]]).toEqual([false, true]);
  });

  it.each([
    { capabilities: { "sys-admin": true, "checkpoint-restore": false } },
    { "resource-limits": { "max-processes": { "soft-limit": 10, "hard-limit": "unlimited" } } },
    { "resource-limits": { "max-core-file-size": { "soft-limit": 0, "hard-limit": -1 } } },
  ])("takes %j", (value) => {
    expect(parsePatch({ "oci-defaults": value }).ok).toBe(true);
    expect(checkRules(effective(value))).toEqual([]);
  });

  it.each([
    [{ capabilities: { cap_sys_admin: true } }, "capabilities.cap_sys_admin"],
    [{ capabilities: { "SYS-ADMIN": true } }, "capabilities.SYS-ADMIN"],
    [{ capabilities: { all: true } }, "capabilities.all"],
    [{ capabilities: { chown: "yes" } }, "capabilities.chown"],
    [{ "resource-limits": { "max-files": { "soft-limit": 1 } } }, "resource-limits.max-files"],
    [
      { "resource-limits": { "max-open-files": { "soft-limit": -2 } } },
      "resource-limits.max-open-files.soft-limit",
    ],
    [
      { "resource-limits": { "max-open-files": { "soft-limit": 1.5 } } },
      "resource-limits.max-open-files.soft-limit",
    ],
    [
      { "resource-limits": { "max-open-files": { "soft-limit": "many" } } },
      "resource-limits.max-open-files.soft-limit",
    ],
  ])("refuses %j", (value, key) => {
    const result = parsePatch({ "oci-defaults": value });
    expect(result).toMatchObject({
      issues: [{ key: `oci-defaults.${key}`, reason: expect.stringMatching(/^must be/) }],
    });
  });

  it("keeps soft limits below hard ones, and needs both", () => {
    const judge = (limit: unknown) =>
      checkRules(effective({ "resource-limits": { "max-processes": limit } })).map(
        ({ key, reason }) => `${key} ${reason}`,
      );
    const key = "oci-defaults.resource-limits.max-processes";
    expect(judge({ "soft-limit": 2, "hard-limit": 1 })).toEqual([
      `${key}.soft-limit must not be above the hard limit`,
    ]);
    expect(judge({ "soft-limit": "unlimited", "hard-limit": 1 })).toHaveLength(1);
    expect(judge({ "soft-limit": 2 })).toEqual([`${key}.hard-limit must be set`]);
  });
});
