import { UsageError } from "@ballast/errors";
import { describe, expect, it } from "vitest";
import { parseCommand } from "./cli.ts";
import { COMMANDS, isCommandName } from "./command-table.ts";
import { parseRemote } from "./connect.ts";
import { helpText } from "./help.ts";

const NOWHERE = {
  context: undefined,
  remote: undefined,
  credentials: undefined,
  socket: undefined,
};

const FLAGS = { trySeconds: undefined, rollbackOnFailure: false, json: false };

function call(command: unknown, connection: object = {}) {
  return { do: "call", connection: { ...NOWHERE, ...connection }, command };
}

describe("parseCommand()", () => {
  it.each([
    [["--help"], { do: "help", topic: undefined }],
    [["get", "-h"], { do: "help", topic: "get" }],
    [["--version"], { do: "version" }],
    [["get"], call({ do: "get", prefixes: [], json: false })],
    [
      ["get", "os", "settings.motd"],
      call({ do: "get", prefixes: ["os", "settings.motd"], json: false }),
    ],
    [["get", "/boot"], call({ do: "get-uri", uri: "/boot", json: false })],
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
    [["apply"], call({ do: "apply", sources: ["-"], ca: undefined, flags: FLAGS })],
    [
      ["apply", "a.toml", "https://h/b", "-"],
      call({
        do: "apply",
        sources: ["a.toml", "https://h/b", "-"],
        ca: undefined,
        flags: FLAGS,
      }),
    ],
    [
      ["apply", "https://h/b", "--ca", "f"],
      call({ do: "apply", sources: ["https://h/b"], ca: "f", flags: FLAGS }),
    ],
    [
      ["diff", "https://h/b", "--ca", "f"],
      call({ do: "diff", source: "https://h/b", ca: "f", tx: "default", json: false }),
    ],
    [["edit", "--json"], call({ do: "edit", flags: { ...FLAGS, json: true } })],
    [
      ["commit", "--tx", "mine", "--try=5"],
      call({ do: "commit", tx: "mine", flags: { ...FLAGS, trySeconds: 5 } }),
    ],
    [["diff"], call({ do: "diff", source: undefined, ca: undefined, tx: "default", json: false })],
    [
      ["diff", "--tx", "m"],
      call({ do: "diff", source: undefined, ca: undefined, tx: "m", json: false }),
    ],
    [
      ["diff", "f", "--json"],
      call({ do: "diff", source: "f", ca: undefined, tx: "default", json: true }),
    ],
    [["history", "-n", "5"], call({ do: "history", count: 5, json: false })],
    [["restore", "12", "--dry-run"], call({ do: "restore", id: 12, dryRun: true, flags: FLAGS })],
    [["confirm"], call({ do: "confirm", token: undefined, json: false })],
    [["revert", "t", "--json"], call({ do: "revert", token: "t", json: true })],
    [
      ["logs", "-f", "--unit", "x", "-n", "5", "--remote", "h", "--credentials=c"],
      call(
        {
          ...{ do: "logs", container: undefined, follow: true, unit: "x", lines: 5 },
          ...{ since: undefined, timestamps: false, json: false },
        },
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
    [["reset"], call({ do: "reset", data: false, yes: false, json: false })],
    [
      ["reset", "--data", "--yes", "--json"],
      call({ do: "reset", data: true, yes: true, json: true }),
    ],
    [["rollback"], call({ do: "rollback", reboot: false, json: false })],
    [["rollback", "--reboot"], call({ do: "rollback", reboot: true, json: false })],
    [["reboot"], call({ do: "reboot", json: false })],
    [["help"], { do: "help", topic: undefined }],
    [["help", "set"], { do: "help", topic: "set" }],
    [["explain"], call({ do: "explain", key: "", json: false })],
    [["explain", "motd", "--json"], call({ do: "explain", key: "motd", json: true })],
    [["slots", "--context", "a,b"], call({ do: "slots", json: false }, { context: "a,b" })],
    [["containers"], call({ do: "containers", json: false })],
    [
      ["exec", "web", "--", "ls", "-l", "--", "--json"],
      call({ do: "exec", container: "web", command: ["ls", "-l", "--", "--json"], tty: undefined }),
    ],
    [
      ["exec", "-t", "web", "sh"],
      call({ do: "exec", container: "web", command: ["sh"], tty: true }),
    ],
    [
      ["exec", "-it", "web", "--", "sh"],
      call({ do: "exec", container: "web", command: ["sh"], tty: true }),
    ],
    [
      ["exec", "-T", "web", "--", "sh"],
      call({ do: "exec", container: "web", command: ["sh"], tty: false }),
    ],
    [
      ["update", "check", "--json"],
      call({ do: "update", verb: "check", ignoreWaves: false, json: true }),
    ],
    [["update", "status", "-w"], call({ do: "update", verb: "status", watch: true, json: false })],
    [
      ["update", "inhibit", "backup", "--why", "it runs", "--for", "2h"],
      call({
        ...{ do: "update", verb: "inhibit", name: "backup", why: "it runs", minutes: 120 },
        json: false,
      }),
    ],
    [
      ["update", "release", "backup"],
      call({ do: "update", verb: "release", name: "backup", json: false }),
    ],
    [["update", "cancel"], call({ do: "update", verb: "cancel", json: false })],
    [
      ["update", "activate", "--reboot"],
      call({ do: "update", verb: "activate", reboot: true, json: false }),
    ],
    [
      ["update", "plan", "--version", "v1.2.0", "--force"],
      call({
        ...{ do: "update", verb: "plan", json: false },
        request: { version: "1.2.0", force: true },
      }),
    ],
    [
      ["update", "apply", "-c", "--reboot", "--ignore-waves"],
      call({
        ...{ do: "update", verb: "apply", bundle: undefined, json: false },
        ...{ prepareOnly: false, reboot: true, request: { ignore_waves: true } },
      }),
    ],
    [
      ["update", "apply", "--bundle", "f.tar", "--ignore-expiry", "--prepare-only"],
      call({
        ...{ do: "update", verb: "apply", bundle: "f.tar", json: false },
        ...{ prepareOnly: true, reboot: false, request: { bundle: true, ignore_expiry: true } },
      }),
    ],
    [
      ["context", "add", "web-1", "--remote", "h:1", "--credentials", "c"],
      {
        do: "context",
        verb: "add",
        name: "web-1",
        remote: "h:1",
        credentials: "c",
        json: false,
      },
    ],
    [["context", "list", "--json"], { do: "context", verb: "list", json: true }],
    [["context", "use", "a"], { do: "context", verb: "use", name: "a", json: false }],
    [["context", "remove", "a"], { do: "context", verb: "remove", name: "a", json: false }],
    [["context", "show"], { do: "context", verb: "show", name: undefined, json: false }],
    [["context", "show", "a"], { do: "context", verb: "show", name: "a", json: false }],
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
        context: undefined,
        json: false,
      },
    ],
    [
      ["bootstrap", "--out", "d", "--context", "web-1"],
      expect.objectContaining({ do: "bootstrap", context: "web-1" }),
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
    [["logs", "web", "extra"], 'unexpected argument "extra"'],
    [["logs", "web", "--unit", "x"], "--unit is for the journal"],
    [["logs", "-t"], "--timestamps needs the NAME of a container"],
    [["logs", "--since", "1h"], "--since needs the NAME of a container"],
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
    [["completion", "tcsh"], '"tcsh" must be one of bash, zsh, fish'],
    [["get", "--remote", "a", "--socket", "b"], "--remote and --socket exclude each other"],
    [["get", "--context", "a", "--remote", "b"], "--remote and --context exclude each other"],
    [["help", "aply"], 'Cannot run "aply": no such command'],
    [["explain", "a", "b"], 'unexpected argument "b"'],
    [["apply", "f", "--ca", "c"], "--ca is for a source that begins with https://"],
    [["diff", "--ca", "c"], "--ca is for a source that begins with https://"],
    [["exec"], "the NAME of a container is missing"],
    [["exec", "web"], "the command is missing"],
    [["exec", "-t", "-T", "web", "--", "sh"], "-t and -T exclude each other"],
    [["exec", "web", "ls", "-l"], "Unknown option '-l'"],
    [["update"], "must be one of check, plan, apply, activate, cancel, status, inhibit, release"],
    [
      ["update", "frob"],
      '"frob" must be one of check, plan, apply, activate, cancel, status, inhibit, release',
    ],
    [["update", "inhibit"], "the NAME of who objects is missing"],
    [["update", "inhibit", "a", "--why", "x"], "inhibit needs --why TEXT and --for TIME"],
    [["update", "inhibit", "a", "--why", "x", "--for", "8d"], "--for must be a time as 30m"],
    [["update", "inhibit", "a", "--why", "x", "--for", "30"], "--for must be a time as 30m"],
    [["update", "inhibit", "a", "b", "--why", "x", "--for", "1h"], 'unexpected argument "b"'],
    [["update", "release"], "the NAME of who objects is missing"],
    [["update", "check", "--for", "1h"], "--for is for inhibit, not for check"],
    [["update", "rollback"], "left with apiclient rollback"],
    [["update", "check", "--reboot"], "--reboot is for apply and activate, not for check"],
    [["update", "status", "--version", "1"], "--version is for plan and apply, not for status"],
    [["update", "apply", "--version"], "argument missing"],
    [["update", "apply", "--ignore-expiry"], "--ignore-expiry is only for a --bundle"],
    [["update", "apply", "--prepare-only", "-r"], "exclude each other"],
    [["containers", "x"], 'unexpected argument "x"'],
    [["certs"], "what to do must be rotate"],
    [["certs", "renew"], '"renew" must be rotate'],
    [["context"], "what to do must be one of add, list, use, remove, show"],
    [["context", "use"], "the NAME of the context is missing"],
    [["context", "use", "a,b"], "the name of a context must be of"],
    [["context", "use", "__proto__"], "the name of a context must be of"],
    [["context", "list", "a"], 'unexpected argument "a"'],
    [["context", "add", "a"], "add needs --remote HOST[:PORT] and --credentials DIR"],
    [["context", "use", "a", "--remote", "h"], "are for add, not for use"],
    [["context", "list", "--context", "a"], "Unknown option '--context'"],
    [["bootstrap", "--out", "d", "--context", "-"], "the name of a context must be of"],
    [["bootstrap", "--out", "d", "--remote", "h"], "Unknown option '--remote'"],
    [["completion", "bash", "x"], 'unexpected argument "x"'],
  ])("refuses %j", (args, message) => {
    const parse = (): unknown => parseCommand(args);
    expect(parse).toThrow(UsageError);
    expect(parse).toThrow(message);
    expect(parse).not.toThrow("secret");
  });
});

it("guesses what a wrong word was meant to be", () => {
  const hints = ["aply", "wach", "xyzzy"].map((word) => {
    try {
      return parseCommand([word]);
    } catch (error) {
      return error instanceof UsageError ? error.hint : error;
    }
  });
  expect(hints).toEqual([
    'Did you mean "apply"? See "apiclient --help".',
    'Did you mean "watch"? See "apiclient --help".',
    'See "apiclient --help".',
  ]);
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
