import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { UsageError } from "@ballast/errors";
import { afterAll, beforeEach, describe, expect, it } from "vitest";
import { apiclient, type Ended } from "../test-process.ts";
import { choosePlaces, type Place } from "./choose-place.ts";
import { contextFile, readContexts, writeContexts, type Contexts } from "./context-file.ts";

const NOWHERE = {
  context: undefined,
  remote: undefined,
  credentials: undefined,
  socket: undefined,
};
const CONTEXTS: Contexts = {
  current: "a",
  byName: new Map([
    ["a", { remote: "a.example:1", credentials: "/a" }],
    ["harbour", { remote: "b.example:2", credentials: "/b" }],
  ]),
};

function remote(context: string | undefined, at: string, credentials: string | undefined): Place {
  return { kind: "remote", context, remote: at, credentials };
}

const A = remote("a", "a.example:1", "/a");
const B = remote("harbour", "b.example:2", "/b");

describe("choosePlaces()", () => {
  const ALL = { BALLAST_CONTEXT: "harbour", BALLAST_REMOTE: "r", BALLAST_SOCKET: "/s" };

  it.each<[object, Readonly<Record<string, string>>, readonly Place[]]>([
    [{ socket: "/x" }, ALL, [{ kind: "socket", path: "/x" }]],
    [{ remote: "x" }, ALL, [remote(undefined, "x", undefined)]],
    [{ context: "a" }, ALL, [A]],
    [{ context: "harbour, a,harbour" }, ALL, [B, A]],
    [{ context: "a", credentials: "/c" }, ALL, [remote("a", "a.example:1", "/c")]],
    [{}, ALL, [B]],
    [{}, { ...ALL, BALLAST_CONTEXT: "" }, [remote(undefined, "r", undefined)]],
    [{}, { BALLAST_REMOTE: "r", BALLAST_CREDENTIALS: "/c" }, [remote(undefined, "r", "/c")]],
    [{}, { BALLAST_SOCKET: "/s" }, [{ kind: "socket", path: "/s" }]],
    // The credentials of the environment are for BALLAST_REMOTE; a context has its own.
    [{}, { BALLAST_CREDENTIALS: "/c" }, [A]],
  ])("%j in %j", (connection, env, places) => {
    expect(choosePlaces({ ...NOWHERE, ...connection }, env, () => CONTEXTS).places).toEqual(places);
  });

  it("calls the socket of this machine when nothing else is told", () => {
    const none = { current: undefined, byName: new Map() };
    expect(choosePlaces(NOWHERE, {}, () => none).places).toEqual([
      { kind: "socket", path: "/run/ballast/api.sock" },
    ]);
  });

  it("does not look at contexts that nobody asks for", () => {
    const refuse = (): never => {
      throw new Error("Nobody asked");
    };
    const chosen = [
      choosePlaces(NOWHERE, { BALLAST_REMOTE: "r" }, refuse),
      choosePlaces(NOWHERE, { BALLAST_SOCKET: "/s" }, refuse),
      choosePlaces({ ...NOWHERE, socket: "/s" }, {}, refuse),
    ];
    expect(chosen.map(({ by }) => by)).toEqual(["BALLAST_REMOTE", "BALLAST_SOCKET", "--socket"]);
  });

  it.each([
    ["harbor", 'Did you mean "harbour"?'],
    ["quay", "There are: a, harbour."],
    ["", "There are: a, harbour."],
    ["constructor", "There are: a, harbour."],
  ])("refuses the unknown context %j", (context, hint) => {
    const choose = (): unknown => choosePlaces({ ...NOWHERE, context }, {}, () => CONTEXTS);
    expect(choose).toThrow(UsageError);
    expect(choose).toThrow(
      expect.objectContaining({ message: `There is no context "${context}"`, hint }),
    );
  });
});

const folder = fs.mkdtempSync(path.join(os.tmpdir(), "apiclient-contexts-"));
afterAll(() => {
  fs.rmSync(folder, { recursive: true });
});
const env = { XDG_CONFIG_HOME: path.join(folder, "config") };
const file = path.join(folder, "config/ballast/contexts.json");
beforeEach(() => {
  fs.rmSync(path.join(folder, "config"), { recursive: true, force: true });
});

describe("the file of contexts", () => {
  it.each<[Readonly<Record<string, string>>, string | undefined]>([
    [{ XDG_CONFIG_HOME: "/x", HOME: "/h" }, "/x/ballast/contexts.json"],
    [{ XDG_CONFIG_HOME: "relative", HOME: "/h" }, "/h/.config/ballast/contexts.json"],
    [{ XDG_CONFIG_HOME: "", HOME: "/h" }, "/h/.config/ballast/contexts.json"],
    [{}, undefined],
  ])("with %j is %s", (settings, place) => {
    expect(contextFile(settings)).toBe(place);
  });

  it("is read back as it was written, for its owner alone, with nothing beside it", () => {
    expect(readContexts(env)).toEqual({ current: undefined, byName: new Map() });
    writeContexts(env, CONTEXTS);
    writeContexts(env, CONTEXTS);
    expect(readContexts(env)).toEqual(CONTEXTS);
    expect(fs.statSync(file).mode & 0o777).toBe(0o600);
    expect(fs.readdirSync(path.dirname(file))).toEqual(["contexts.json"]);
  });

  it("is none in a home that is none", () => {
    expect(readContexts({ HOME: "/dev/null" }).byName.size).toBe(0);
    expect(() => writeContexts({ HOME: "/dev/null" }, CONTEXTS)).toThrow(
      expect.objectContaining({ code: "apiclient.write" }),
    );
  });

  it("stays a link if it is one", () => {
    fs.mkdirSync(path.dirname(file), { recursive: true });
    const real = path.join(folder, "config/real.json");
    fs.writeFileSync(real, '{"contexts":{}}');
    fs.symlinkSync(real, file);
    writeContexts(env, CONTEXTS);
    expect(fs.lstatSync(file).isSymbolicLink()).toBe(true);
    expect(readContexts(env)).toEqual(CONTEXTS);
  });

  it.each([
    "",
    "[]",
    '{"contexts":[]}',
    '{"current":1}',
    '{"contexts":{"a":{"remote":"x"}}}',
    '{"contexts":{"-a":{"remote":"x","credentials":"/c"}}}',
  ])("is refused when it holds %s", (text) => {
    fs.mkdirSync(path.dirname(file), { recursive: true });
    fs.writeFileSync(file, text);
    expect(() => readContexts(env)).toThrow(
      expect.objectContaining({ code: "apiclient.bad-contexts" }),
    );
  });
});

describe("context", () => {
  function client(...args: string[]): Promise<Ended> {
    return apiclient(args, { env });
  }

  it("is added, used, shown and removed", async () => {
    const creds = path.join(folder, "creds");
    const made = await client("bootstrap", "--out", creds, "--name", "::1", "--context", "one");
    expect(made.stdout).toContain("\n  apiclient --context one health\n");
    const twice = await client("bootstrap", "--out", `${creds}2`, "--context", "one");
    expect(twice).toMatchObject({ status: 1, stdout: "" });
    expect(fs.existsSync(`${creds}2`)).toBe(false);

    const add = ["context", "add", "two", "--credentials", creds, "--remote"];
    expect((await client(...add, "a b")).status).toBe(64);
    expect((await client(...add, "localhost:1")).stdout).toContain("Context two is added;");
    expect(await client(...add, "localhost:1")).toMatchObject({ status: 1, stdout: "" });
    expect((await client("context", "list")).stdout).toBe(
      `*  one  [::1]:8443   ${creds}\n   two  localhost:1  ${creds}\n`,
    );
    const shown = await client("context", "show");
    expect(shown.stdout).toMatch(
      /^context {6}one\nmachine {6}\[::1\]:8443\ncredentials .*\nclient {7}admin, valid until \d{4}-\d\d-\d\d\nbecause of {3}the current context\n$/,
    );
    expect((await client("context", "use", "two")).status).toBe(0);
    expect(JSON.parse((await client("context", "list", "--json")).stdout)).toMatchObject([
      { name: "one", current: false },
      { name: "two", current: true, remote: "localhost:1", credentials: creds },
    ]);
    // Nobody listens there, and that is where it looks.
    expect((await client("get")).stderr).toContain("Cannot reach the API at localhost:1");
    expect((await client("get", "--context", "three")).status).toBe(64);
    expect((await client("context", "remove", "two")).stdout).toContain("no current context now");
    expect((await client("context", "use", "two")).status).toBe(64);
    expect(fs.existsSync(creds)).toBe(true);
  }, 60_000);

  it("needs credentials that can be read, and a place to be kept", async () => {
    const args = ["context", "add", "a", "--remote", "h", "--credentials", folder];
    expect(await client(...args)).toMatchObject({ status: 78, stdout: "" });
    expect(fs.existsSync(file)).toBe(false);
    expect((await apiclient(["context", "list"])).stdout).toContain("There are no contexts");
  });
});
