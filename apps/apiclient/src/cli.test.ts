import { UsageError } from "@ballast/errors";
import { describe, expect, it } from "vitest";
import { parseCommand } from "./cli.ts";
import { COMMANDS, isCommandName } from "./command-table.ts";
import { parseRemote } from "./connect.ts";
import { helpText } from "./help.ts";

const NOWHERE = { remote: undefined, credentials: undefined, socket: undefined };

const FLAGS = { trySeconds: undefined, rollbackOnFailure: false, json: false };

function call(command: unknown, connection: object = {}) {
  return { do: "call", connection: { ...NOWHERE, ...connection }, command };
}

describe("parseCommand()", () => {
  it.each([
    [["--help"], { do: "help", topic: undefined }],
    [["get", "-h"], { do: "help", topic: "get" }],
    [["--version"], { do: "version" }],
    [["get"], call({ do: "get", prefixes: [] })],
    [["get", "os", "settings.motd"], call({ do: "get", prefixes: ["os", "settings.motd"] })],
    [["get", "/boot"], call({ do: "get-uri", uri: "/boot" })],
    [
      ["--socket", "/s", "set", "motd=a=b"],
      call(
        { do: "set", values: { from: "pairs", pairs: ["motd=a=b"] }, flags: FLAGS },
        { socket: "/s" },
      ),
    ],
    [
      ["set", "-j", "{}", "--json"],
      call({
        do: "set",
        values: { from: "json", text: "{}" },
        flags: { ...FLAGS, json: true },
      }),
    ],
    [["set", "-j", "-"], call({ do: "set", values: { from: "stdin" }, flags: FLAGS })],
    [
      ["set", "--try", "60", "--rollback-on-failure", "a=b"],
      call({
        do: "set",
        values: { from: "pairs", pairs: ["a=b"] },
        flags: { trySeconds: 60, rollbackOnFailure: true, json: false },
      }),
    ],
    [["unset", "motd", "a.b"], call({ do: "unset", keys: ["motd", "a.b"], flags: FLAGS })],
    [["apply"], call({ do: "apply", sources: ["-"], flags: FLAGS })],
    [
      ["apply", "a.toml", "https://h/b", "-"],
      call({ do: "apply", sources: ["a.toml", "https://h/b", "-"], flags: FLAGS }),
    ],
    [["edit", "--json"], call({ do: "edit", flags: { ...FLAGS, json: true } })],
    [
      ["commit", "--tx", "mine", "--try=5"],
      call({ do: "commit", tx: "mine", flags: { ...FLAGS, trySeconds: 5 } }),
    ],
    [["diff"], call({ do: "diff", source: undefined, tx: "default", json: false })],
    [["diff", "--tx", "m"], call({ do: "diff", source: undefined, tx: "m", json: false })],
    [["diff", "f", "--json"], call({ do: "diff", source: "f", tx: "default", json: true })],
    [["history", "-n", "5"], call({ do: "history", count: 5, json: false })],
    [["restore", "12", "--dry-run"], call({ do: "restore", id: 12, dryRun: true, flags: FLAGS })],
    [["confirm"], call({ do: "confirm", token: undefined, json: false })],
    [["revert", "t", "--json"], call({ do: "revert", token: "t", json: true })],
    [
      ["logs", "-f", "--unit", "x", "-n", "5", "--remote", "h", "--credentials=c"],
      call(
        { do: "logs", follow: true, unit: "x", lines: 5, json: false },
        { remote: "h", credentials: "c" },
      ),
    ],
    [
      ["raw", "-m", "post", "-u", "/tx/commit?tx=a", "-d", '{"a":1}'],
      call({ do: "raw", call: { method: "POST", path: "/tx/commit?tx=a", body: { a: 1 } } }),
    ],
    [["-u", "/os"], call({ do: "raw", call: { method: "GET", path: "/os" } })],
    [["health"], call({ do: "health", json: false, waitMs: 0 })],
    [["health", "--wait", "30"], call({ do: "health", json: false, waitMs: 30_000 })],
    [["slots", "--json"], call({ do: "slots", json: true })],
    [["rollback"], call({ do: "rollback", reboot: false, json: false })],
    [["rollback", "--reboot"], call({ do: "rollback", reboot: true, json: false })],
    [["reboot"], call({ do: "reboot" })],
    [["completion", "zsh"], { do: "completion", shell: "zsh" }],
    [
      ["bootstrap", "--out", "d", "--name", "a", "--name", "b", "--days", "7", "--role=reader"],
      {
        do: "bootstrap",
        outDir: "d",
        names: ["a", "b"],
        role: "reader",
        days: 7,
        hostname: undefined,
        port: 8443,
        force: false,
        json: false,
      },
    ],
  ])("%j", (args, command) => {
    expect(parseCommand(args)).toEqual(command);
  });

  it.each([
    [[], "no command given"],
    [["aply"], 'Cannot run "aply": no such command'],
    [["unset"], "nothing to unset"],
    [["apply", "http://h/a"], "begins with https://"],
    [["apply", "ftp://h/a"], "begins with https://"],
    [["diff", "f", "--tx", "m"], "exclude each other"],
    [["diff", "f", "g"], 'unexpected argument "g"'],
    [["set", "--try", "0", "a=b"], "--try must be a number from 1 to 3600"],
    [["history", "-n", "0"], "--count must be a number from 1 to 100"],
    [["restore"], "must be told the number of a commit"],
    [["restore", "one"], "must be told the number of a commit"],
    [["confirm", "a", "b"], 'unexpected argument "b"'],
    [["edit", "f"], 'unexpected argument "f"'],
    [["get", "--loud"], "Unknown option '--loud'"],
    [["get", "/os", "settings"], "a path of the API stands alone"],
    [["get", "/os", "/boot"], "a path of the API stands alone"],
    [["set"], "nothing to set"],
    [["set", "a=b", "-j", "{}"], "exclude each other"],
    [["set", "motd=x", "secret"], "argument 2 is not KEY=VALUE"],
    [["set", "--dry-run", "motd=x"], "Unknown option '--dry-run'"],
    [["logs", "-n", "many"], "--lines must be a number from 0 to 999999"],
    [["logs", "extra"], 'unexpected argument "extra"'],
    [["slots", "A"], 'unexpected argument "A"'],
    [["rollback", "A"], 'unexpected argument "A"'],
    [["slots", "--reboot"], "Unknown option '--reboot'"],
    [["health", "x"], 'unexpected argument "x"'],
    [["health", "--wait", "1.5"], "--wait must be a number from 0 to 86400"],
    [["raw"], "--uri must be a path"],
    [["raw", "-u", "os"], "--uri must be a path"],
    [["raw", "-u", "/a b"], "--uri must be a path"],
    [["raw", "-u", "/a", "-m", "BREW"], "--method must be one of"],
    [["raw", "-u", "/a", "-d", "secret"], "--data must be JSON"],
    [["bootstrap"], "--out DIR is missing"],
    [["bootstrap", "--out", "d", "--role", "root"], "--role must be one of"],
    [["bootstrap", "--out", "d", "--days", "0"], "--days must be a number from 1 to 36500"],
    [["bootstrap", "--out", "d", "--port", "70000"], "--port must be a number from 1 to 65535"],
    [["completion", "tcsh"], "the shell must be one of"],
    [["get", "--remote", "a", "--socket", "b"], "--remote and --socket exclude each other"],
  ])("refuses %j", (args, message) => {
    const parse = (): unknown => parseCommand(args);
    expect(parse).toThrow(UsageError);
    expect(parse).toThrow(message);
    expect(parse).not.toThrow("secret");
  });
});

describe("parseRemote()", () => {
  it.each([
    ["web-1", "web-1", 8443],
    ["web-1.example.org:99", "web-1.example.org", 99],
    ["192.0.2.7:443", "192.0.2.7", 443],
    ["::1", "::1", 8443],
    ["[fe80::1]:443", "fe80::1", 443],
  ])("%s", (text, host, port) => {
    expect(parseRemote(text)).toEqual({ host, port });
  });

  it.each(["", "https://x", "x:0", "x:99999", "x:y", "a/b", "[::1"])("refuses %j", (text) => {
    expect(() => parseRemote(text)).toThrow(UsageError);
  });
});

describe("helpText()", () => {
  const topics = [undefined, ...Object.keys(COMMANDS).filter(isCommandName)];

  it.each(topics)("%s", (topic) => {
    const text = helpText(topic);
    expect(text).toMatchSnapshot();
    expect(text).toContain("Examples:");
  });
});
