import { expect, it } from "vitest";
import { checkRules, effectiveSettings, nestSettings } from "../../effective.ts";
import { flatten } from "../../keys.ts";
import { parsePatch } from "../../patch.ts";
import { renderService, SERVICES } from "../../services.ts";
import { UpdateAgentConfig, WEEKDAYS } from "./agent-config.ts";

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
  { automatic: "reboot" },
  { window: { days: ["saturday", "sunday"], start: "23:30", "length-minutes": 1440 } },
  { window: { days: ["monday"] } },
  { "jitter-minutes": 0 },
  { "max-bytes-per-second": 16_384 },
  { "reboot-inhibit-limit-minutes": 10_080 },
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
  [{ automatic: "always" }, "automatic"],
  [{ automatic: true }, "automatic"],
  [{ window: { days: [] } }, "window.days"],
  [{ window: { days: ["sunday", "sunday"] } }, "window.days"],
  [{ window: { days: ["Sunday"] } }, "window.days.0"],
  [{ window: { start: "24:00" } }, "window.start"],
  [{ window: { start: "2:30" } }, "window.start"],
  [{ window: { start: "02:30:00" } }, "window.start"],
  [{ window: { "length-minutes": 29 } }, "window.length-minutes"],
  [{ window: { "length-minutes": 1441 } }, "window.length-minutes"],
  [{ "jitter-minutes": -1 }, "jitter-minutes"],
  [{ "max-bytes-per-second": 16_383 }, "max-bytes-per-second"],
  [{ "reboot-inhibit-limit-minutes": 10_081 }, "reboot-inhibit-limit-minutes"],
])("settings.updates refuses %j", (updates, field) => {
  expect(parsePatch({ updates })).toMatchObject({ issues: [{ key: `updates.${field}` }] });
});

it("settings.updates has no addresses and no seed unless set, and does nothing by itself", () => {
  expect(nestSettings(effectiveSettings(new Map())).updates).toEqual({
    "version-lock": "latest",
    "ignore-waves": false,
    automatic: "off",
    window: {},
    "jitter-minutes": 15,
    "reboot-inhibit-limit-minutes": 1440,
  });
});

const URL_SET = { "metadata-base-url": "https://updates.example.org/metadata" };
const WINDOW = { start: "23:00", "length-minutes": 60 };

it.each([
  [{ automatic: "check" }, "metadata-base-url"],
  [{ "targets-base-url": "https://updates.example.org/t" }, "targets-base-url"],
  [{ window: { days: ["monday"] } }, "window.days"],
  [{ window: { start: "23:00" } }, "window.length-minutes"],
  [{ window: { "length-minutes": 60 } }, "window.start"],
  [{ window: WINDOW, "jitter-minutes": 31 }, "jitter-minutes"],
])("settings.updates as a whole refuses %j", (updates, field) => {
  expect(checkRules(effective(updates))).toMatchObject([{ key: `updates.${field}` }]);
});

it.each([
  { ...URL_SET, automatic: "reboot" },
  { ...URL_SET, automatic: "off", "targets-base-url": "https://updates.example.org/t" },
  { window: WINDOW, "jitter-minutes": 30 },
  { "jitter-minutes": 1440 },
])("settings.updates as a whole takes %j", (updates) => {
  expect(checkRules(effective(updates))).toEqual([]);
});

it("the update agent's file holds null where nothing is set", () => {
  expect(agentConfig({})).toEqual({
    metadata_url: null,
    targets_url: null,
    seed: null,
    version_lock: "latest",
    ignore_waves: false,
    automatic: "off",
    window: null,
    jitter_minutes: 15,
    max_bytes_per_second: null,
    reboot_inhibit_limit_minutes: 1440,
  });
});

it("the update agent's file holds everything that is set", () => {
  const updates = {
    ...URL_SET,
    "targets-base-url": "https://updates.example.org/t",
    seed: 7,
    "version-lock": "1.2.0",
    "ignore-waves": true,
    automatic: "reboot",
    "jitter-minutes": 0,
    "max-bytes-per-second": 1_000_000,
    "reboot-inhibit-limit-minutes": 0,
  };
  expect(agentConfig({ ...updates, window: { ...WINDOW, days: ["friday"] } })).toEqual({
    metadata_url: URL_SET["metadata-base-url"],
    targets_url: "https://updates.example.org/t",
    seed: 7,
    version_lock: "1.2.0",
    ignore_waves: true,
    automatic: "reboot",
    window: { days: ["friday"], start: "23:00", length_minutes: 60 },
    jitter_minutes: 0,
    max_bytes_per_second: 1_000_000,
    reboot_inhibit_limit_minutes: 0,
  });
  expect(agentConfig({ ...updates, window: WINDOW }).window?.days).toEqual(WEEKDAYS);
});

it.each([
  ["off", []],
  ["check", ["update-schedule/wanted"]],
  ["reboot", ["update-schedule/wanted"]],
])("the timer of the schedule is wanted with automatic = %s: %j", (automatic, paths) => {
  const service = SERVICES.find(({ service: { name } }) => name === "update-schedule");
  if (service === undefined) throw new Error("there is no schedule");
  const files = renderService(service, effective({ ...URL_SET, automatic }));
  expect(files.map(({ path }) => path)).toEqual(paths);
  expect(service.service.units).toEqual(["update-agent.timer"]);
});

function effective(updates: Record<string, unknown>): Map<string, unknown> {
  return effectiveSettings(flatten({ updates }));
}

/** Rendered by the group, read with the schema that the update agent reads it with. */
function agentConfig(updates: Record<string, unknown>): UpdateAgentConfig {
  const service = SERVICES.find(({ service: { name } }) => name === "updates");
  if (service === undefined) throw new Error("the group has no service");
  const [file] = renderService(service, effective(updates));
  expect(file).toMatchObject({ path: "update-agent.json", mode: 0o644 });
  return UpdateAgentConfig.parse(JSON.parse(file?.text ?? ""));
}
