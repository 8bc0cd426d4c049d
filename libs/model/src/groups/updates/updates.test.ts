import { expect, it } from "vitest";
import { effectiveSettings, nestSettings } from "../../effective.ts";
import { parsePatch } from "../../patch.ts";

it.each([
  {
    "metadata-base-url": "https://updates.example.org/metadata",
    "targets-base-url": "http://10.0.0.1/t/",
  },
  { seed: 0 },
  { seed: 4_294_967_295 },
  { "version-lock": "latest" },
  { "version-lock": "1.2.0" },
  { "version-lock": "v1.2.0-rc.1+build.5" },
  { "ignore-waves": true },
])("settings.updates takes %j", (updates) => {
  expect(parsePatch({ updates }).ok).toBe(true);
});

it.each([
  [{ "metadata-base-url": "updates.example.org" }, "metadata-base-url"],
  [{ "metadata-base-url": "file:///x" }, "metadata-base-url"],
  [{ "targets-base-url": "https://user:word@example.org" }, "targets-base-url"],
  [{ seed: -1 }, "seed"],
  [{ seed: 4_294_967_296 }, "seed"],
  [{ seed: "7" }, "seed"],
  [{ "version-lock": "" }, "version-lock"],
  [{ "version-lock": "1.2" }, "version-lock"],
  [{ "version-lock": "01.2.3" }, "version-lock"],
  [{ "version-lock": "../1.2.3" }, "version-lock"],
  [{ "version-lock": "newest" }, "version-lock"],
  [{ "ignore-waves": "true" }, "ignore-waves"],
])("settings.updates refuses %j", (updates, field) => {
  expect(parsePatch({ updates })).toMatchObject({ issues: [{ key: `updates.${field}` }] });
});

it("settings.updates has no addresses and no seed unless set", () => {
  expect(nestSettings(effectiveSettings(new Map())).updates).toEqual({
    "version-lock": "latest",
    "ignore-waves": false,
  });
});
