import { beforeEach, describe, expect, it } from "vitest";
import type { SettingExplanation } from "@ballast/model";
import { explanationText } from "./commands/explain.ts";
import { createPaint } from "./paint.ts";
import { playedApi } from "./played-api.fixture.ts";
import { apiclient } from "./test-process.ts";

const api = playedApi();
const { env } = api;

const HOSTNAME: SettingExplanation = {
  key: "network.hostname",
  kind: "setting",
  type: "text; at most 64 characters",
  default: "ballast",
  required: false,
  secret: false,
  description: "Name of the machine.",
  example: "harbour-7",
  writes: ["hostname"],
  restarts: ["hostname.service"],
  reloads: [],
  reboot: false,
  effect: null,
  members: [],
  value: "web\u001b[2J",
  source: "user-data",
  role: "admin",
  children: [],
};
const CHILD = {
  key: "network.hostname",
  kind: "setting",
  secret: false,
  description: "Name of the machine.",
  value: "web",
  source: "api",
} as const;

describe("explain", () => {
  beforeEach(() => {
    api.replies = { "GET /settings/explain": { status: 200, body: HOSTNAME } };
  });

  it("asks the machine and tells all of a setting, without anything that steers a terminal", async () => {
    const ended = await apiclient(["explain", "network.hostname"], { env });
    expect(ended).toEqual({
      status: 0,
      stderr: "",
      stdout: `network.hostname
Name of the machine.

Type        text; at most 64 characters
Value       "web\\u001b[2J" (from user data)
Default     "ballast"
Example     "harbour-7"
Written by  admin
A change    writes /run/ballast/etc/hostname
            restarts hostname.service
`,
    });
    expect(api.lines()).toEqual(["GET /settings/explain?key=network.hostname"]);
  });

  it("passes JSON on as the machine says it, also what this client does not know", async () => {
    const body = { ...HOSTNAME, source: "a later source", later: 1 };
    api.replies["GET /settings/explain"] = { status: 200, body };
    const json = await apiclient(["explain", "--json"], { env });
    expect(JSON.parse(json.stdout)).toEqual(body);
    expect(api.lines()).toEqual(["GET /settings/explain"]);
    expect((await apiclient(["explain", "motd"], { env })).status).toBe(69);
  });

  it("passes on what was meant", async () => {
    const body = {
      type: "urn:ballast:error:apiserver.bad-query",
      detail: '"motdd" is not a known setting',
      hint: 'Did you mean "motd"?',
    };
    api.replies["GET /settings/explain"] = { status: 400, body };
    expect(await apiclient(["explain", "motdd"], { env })).toEqual({
      status: 65,
      stdout: "",
      stderr:
        'apiclient: "motdd" is not a known setting [apiserver.bad-query]\nDid you mean "motd"?\n',
    });
  });
});

describe("explanationText()", () => {
  const plain = createPaint({ isTerminal: false, env: {} });
  const told = (change: Partial<SettingExplanation>): string =>
    explanationText({ ...HOSTNAME, value: "web", ...change }, plain);

  it.each<[Partial<SettingExplanation>, string]>([
    [{ secret: true, value: null }, "Value       set, never shown (from user data)\nSecret  "],
    [{ secret: true, value: null, source: null }, "Value       not set\n"],
    [{ value: null, source: null }, "Value       none\n"],
    [{ source: "generated" }, 'Value       "web" (made by the machine)\n'],
    [{ source: "default" }, 'Value       "web" (by default)\n'],
    [{ default: null, required: true }, "Default     none, it must be set\n"],
    [{ role: "operator" }, "Written by  operator, admin\n"],
    [{ value: "x".repeat(300) }, `Value       "${"x".repeat(198)}…`],
    [{ writes: [], restarts: [] }, "A change    touches nothing else\n"],
    [{ reloads: ["a.service"], reboot: true }, "            reloads a.service\n            holds"],
    [{ writes: [], restarts: [], effect: "Later." }, "A change    Later.\n"],
  ])("%j", (change, text) => {
    expect(told(change)).toContain(text);
  });

  it("lists what lies in a table, with the values that are set", () => {
    const children = [
      CHILD,
      { ...CHILD, key: "network.hosts", value: [], source: "default" },
      { ...CHILD, key: "network.token", secret: true, value: null, description: null },
      { ...CHILD, key: "network.interfaces", kind: "map", value: null, source: null },
    ] as const;
    const text = told({ key: "network", kind: "table", default: null, children: [...children] });
    expect(text.slice(text.indexOf("\n\n  "))).toBe(`

  network.hostname = "web" (set by the API)
      Name of the machine.
  network.hosts
      Name of the machine.
  network.token = set, never shown (set by the API)
  network.interfaces.<name>
      Name of the machine.
`);
    expect(text).not.toContain("Value");
  });

  it("has one line for each group, as wide as a terminal", () => {
    const group = { ...CHILD, kind: "table", value: null, source: null } as const;
    const children = [
      { ...group, key: "api.remote", description: "The API; off." },
      { ...group, key: "motd", description: "long ".repeat(40) },
    ];
    const lines = told({ key: "", kind: "table", children }).split("\n");
    expect(lines[0]).toBe("api.remote  The API");
    expect(lines[1]).toHaveLength(80);
    expect(lines).toHaveLength(3);
  });
});

describe("createPaint()", () => {
  it.each<[boolean, Readonly<Record<string, string>>, boolean]>([
    [true, {}, true],
    [true, { TERM: "xterm", NO_COLOR: "" }, true],
    [false, {}, false],
    [true, { NO_COLOR: "1" }, false],
    [true, { TERM: "dumb" }, false],
  ])("terminal %s with %j", (isTerminal, settings, isPainted) => {
    const text = createPaint({ isTerminal, env: settings })("bad", "x");
    expect(text).toBe(isPainted ? "\u001b[31mx\u001b[39m" : "x");
  });
});
