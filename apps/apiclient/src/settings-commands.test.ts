import * as fs from "node:fs";
import { createServer as createSecureServer } from "node:https";
import type { AddressInfo } from "node:net";
import * as path from "node:path";
import { beforeEach, describe, expect, it } from "vitest";
import { playedApi } from "./played-api.fixture.ts";
import { apiclient, run } from "./test-process.ts";

const api = playedApi();
const { env, folder } = api;

const DONE = {
  changed: ["settings.motd"],
  services: [{ name: "motd", action: "rendered", status: "ok" }],
};
const PLAN = {
  changes: [
    { key: "settings.motd", action: "set", secret: false, old: "a", new: "b\u001b" },
    { key: "settings.api.remote.server-key", action: "unset", secret: true },
  ],
  services: [
    {
      name: "motd",
      files: [{ path: "motd", action: "write" }],
      verb: "restart",
      units: ["m.service"],
    },
  ],
  reboot: true,
};
const PLAN_TEXT = `settings.motd: "a" -> "b\\u001b"
settings.api.remote.server-key: taken away (secret)
write /run/ballast/etc/motd
restart m.service
The machine must be restarted before all of it takes effect
`;
const REFUSAL = {
  status: 400,
  body: { type: "urn:ballast:error:apiserver.bad-settings", detail: '"settings.motd" is bad' },
};

beforeEach(() => {
  api.replies = {
    "GET /settings": { status: 200, body: { motd: "old", network: { hostname: "h" } } },
    "PATCH /settings": { status: 204 },
    "DELETE /settings": { status: 204 },
    "PATCH /settings/keypair": { status: 204 },
    "POST /tx/commit_and_apply": { status: 200, body: DONE },
    "GET /tx/plan": { status: 200, body: PLAN },
    "DELETE /tx": { status: 200, body: [] },
  };
});

describe("commits", () => {
  it("unset takes keys away in a transaction of its own", async () => {
    const ended = await apiclient(["unset", "motd", "health.web"], { env });
    expect(ended).toMatchObject({ status: 0, stdout: "Changed settings.motd\nmotd: rendered\n" });
    expect(api.lines()).toEqual([
      "DELETE /settings?tx=apiclient-unset-X&keys=motd%2Chealth.web",
      "POST /tx/commit_and_apply?tx=apiclient-unset-X",
    ]);
  });

  it("set --try tells until when and how to confirm", async () => {
    const body = { ...DONE, try: { token: "t1", deadline: "2026-01-01T00:01:00Z" } };
    api.replies["POST /tx/commit_and_apply"] = { status: 200, body };
    const ended = await apiclient(["set", "--try", "60", "motd=x"], { env });
    expect(ended.stdout).toContain(
      "Taken back at 2026-01-01T00:01:00Z unless you run: apiclient confirm t1\n",
    );
    expect(api.lines()[1]).toBe("POST /tx/commit_and_apply?tx=apiclient-set-X&try-seconds=60");
  });

  it("a commit that was rolled back ends with 1 and says so", async () => {
    const services = [{ name: "h", action: "restarted", status: "failed", reason: "it died" }];
    const body = { ...DONE, services, rolled_back: true, rollback: DONE.services };
    api.replies["POST /tx/commit_and_apply"] = { status: 200, body };
    const args = ["commit", "--tx", "mine", "--rollback-on-failure"];
    expect(await apiclient(args, { env })).toMatchObject({
      status: 1,
      stdout:
        "Changed settings.motd\nh: failed: it died\nTaken back: the former settings hold again\nmotd: rendered\n",
    });
    expect(api.lines()).toEqual(["POST /tx/commit_and_apply?tx=mine&rollback-on-failure=true"]);
  });

  it("confirm finds out what waits, revert tells what was done", async () => {
    const waiting = { token: "t 1", deadline: null, keys: [] };
    api.replies["GET /tx/try"] = [
      { status: 200, body: { waiting } },
      { status: 200, body: { waiting: null } },
    ];
    api.replies["POST /tx/confirm"] = { status: 204 };
    api.replies["POST /tx/revert"] = { status: 200, body: DONE };
    expect((await apiclient(["confirm", "--json"], { env })).stdout).toBe('{"confirmed":"t 1"}\n');
    const none = await apiclient(["confirm"], { env });
    expect(none).toMatchObject({ status: 1, stdout: "" });
    expect(none.stderr).toContain("No change waits to be confirmed");
    expect((await apiclient(["revert", "t2"], { env })).stdout).toContain("Changed settings.motd");
    expect(api.lines()).toEqual([
      "GET /tx/try",
      "POST /tx/confirm?token=t%201",
      "GET /tx/try",
      "POST /tx/revert?token=t2",
    ]);
  });
});

describe("apply", () => {
  const toml = path.join(folder, "a.toml");
  const json = path.join(folder, "b.json");
  fs.writeFileSync(toml, '[settings]\nmotd = "toml"\n[settings.network]\nhostname = "t"\n');
  fs.writeFileSync(json, '{"motd": "json"}');

  it("merges files, TOML or JSON, into one patch; the later wins", async () => {
    expect((await apiclient(["apply", toml, `file://${json}`], { env })).status).toBe(0);
    expect(api.seen[0]?.body).toBe('{"motd":"json","network":{"hostname":"t"}}');
  });

  it("reads standard input", async () => {
    await apiclient(["apply", "--json"], { env, input: 'motd = "in"' });
    expect(api.seen[0]?.body).toBe('{"motd":"in"}');
  });

  it.each([
    ['motd = "SECRET', "line 1, column"],
    ['{"motd": SECRET', "is not JSON"],
  ])("asks nothing of the machine when a source is bad: %s", async (input, message) => {
    const ended = await apiclient(["apply", json, "-"], { env, input });
    expect(ended).toMatchObject({ status: 65, stdout: "" });
    expect(ended.stderr).toContain(message);
    expect(ended.stderr).not.toContain("SECRET");
    expect(api.seen).toEqual([]);
  });

  it("says that a file is not there", async () => {
    const ended = await apiclient(["apply", "/nowhere/x"], { env });
    expect(ended).toMatchObject({ status: 65 });
    expect(ended.stderr).toContain('Cannot read "/nowhere/x": ENOENT');
  });

  it("with nothing in it changes nothing", async () => {
    const detail = { type: "urn:ballast:error:datastore.nothing-pending", detail: "nothing" };
    api.replies["POST /tx/commit_and_apply"] = { status: 422, body: detail };
    const ended = await apiclient(["apply"], { env, input: "" });
    expect(ended).toMatchObject({ status: 0, stdout: "Nothing changed\n" });
  });

  it("loads https URLs, follows them to https alone, and trusts no other server", async () => {
    const out = path.join(folder, "creds");
    await apiclient(["bootstrap", "--out", out]);
    const pem = (name: string): Buffer => fs.readFileSync(path.join(out, name));
    const secure = createSecureServer(
      { key: pem("server.key"), cert: pem("server.pem") },
      (request, response) => {
        const places: Record<string, string> = { "/there": "/a", "/plain": "http://127.0.0.1/a" };
        const location = places[request.url ?? ""];
        if (location !== undefined) response.writeHead(302, { location }).end();
        else if (request.url === "/long") response.end("x".repeat(2 * 1024 * 1024));
        else if (request.url === "/a") response.end('motd = "far"');
        else response.writeHead(404).end();
      },
    );
    await new Promise<void>((resolve) => secure.listen(0, "127.0.0.1", resolve));
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- it listens on an address
    const { port } = secure.address() as AddressInfo;
    const at = (place: string): string => `https://127.0.0.1:${port}${place}`;
    const trusting = { env: { ...env, NODE_EXTRA_CA_CERTS: path.join(out, "ca.pem") } };
    try {
      expect((await apiclient(["apply", at("/there")], trusting)).status).toBe(0);
      expect(api.seen[0]?.body).toBe('{"motd":"far"}');
      const faults: [string, string][] = [
        ["/plain", "it leads to a place without TLS"],
        ["/long", "it is longer than 1048576 bytes"],
        ["/none", "the server answered 404"],
      ];
      for (const [place, reason] of faults) {
        const ended = await apiclient(["apply", at(place)], trusting);
        expect(ended.status).toBe(69);
        expect(ended.stderr).toContain(reason);
      }
      const ca = path.join(out, "ca.pem");
      expect((await apiclient(["apply", at("/there"), "--ca", ca], { env })).status).toBe(0);
      expect((await apiclient(["diff", at("/a"), "--ca", ca], { env })).stdout).toBe(PLAN_TEXT);
      const none = await apiclient(["apply", at("/a"), "--ca", `${ca}.none`], { env });
      expect(none).toMatchObject({ status: 65, stdout: "" });
      const foreign = await apiclient(["apply", at("/a")], { env });
      expect(foreign.status).toBe(69);
      expect(foreign.stderr).toContain("certificate");
    } finally {
      secure.close();
    }
  }, 60_000);
});

describe("diff", () => {
  it("shows the plan of a transaction", async () => {
    expect(await apiclient(["diff"], { env })).toEqual({
      status: 0,
      stdout: PLAN_TEXT,
      stderr: "",
    });
    expect(api.lines()).toEqual(["GET /tx/plan?tx=default"]);
    expect(JSON.parse((await apiclient(["diff", "--json"], { env })).stdout)).toEqual(PLAN);
  });

  it("shows the plan of a file, and leaves nothing behind", async () => {
    expect((await apiclient(["diff", "-"], { env, input: "motd = 'b'" })).stdout).toBe(PLAN_TEXT);
    expect(api.lines()).toEqual([
      "PATCH /settings?tx=apiclient-diff-X",
      "GET /tx/plan?tx=apiclient-diff-X",
      "DELETE /tx?tx=apiclient-diff-X",
    ]);
    api.replies["GET /tx/plan"] = REFUSAL;
    expect((await apiclient(["diff", "-"], { env, input: "motd = 'b'" })).status).toBe(65);
    expect(api.lines().at(-1)).toBe("DELETE /tx?tx=apiclient-diff-X");
  });

  it("says when nothing is pending", async () => {
    const detail = { type: "urn:ballast:error:datastore.nothing-pending", detail: "nothing" };
    api.replies["GET /tx/plan"] = { status: 422, body: detail };
    expect((await apiclient(["diff"], { env })).stdout).toBe("Nothing would change\n");
  });
});

describe("history and restore", () => {
  const commits = [2, 1].map((id) => ({
    id,
    at: "2026-01-01T00:00:00Z",
    who: "local",
    source: "api",
    note: id === 2 ? "Not confirmed in 5 s" : null,
    changes: [
      { key: "settings.motd", action: "set", secret: false, old: null, new: "x" },
      { key: "settings.k", action: "set", secret: false, new: 1 },
      { key: "settings.s", action: "set", secret: true },
    ],
  }));

  it("shows commits with old and new values", async () => {
    api.replies["GET /history"] = { status: 200, body: commits };
    expect((await apiclient(["history", "-n", "1"], { env })).stdout).toBe(
      `2  2026-01-01T00:00:00Z  local (api): Not confirmed in 5 s
  settings.motd: (default) -> "x"
  settings.k: ? -> 1
  settings.s: set (secret)
`,
    );
    expect(JSON.parse((await apiclient(["history", "--json"], { env })).stdout)).toEqual(commits);
  });

  const restored = {
    tx: "x",
    staged: ["settings.motd"],
    skipped: [{ key: "settings.s", reason: "is a secret" }],
  };

  it("restores under the ETag that the difference was made for", async () => {
    api.replies["POST /history/restore"] = { status: 200, body: restored };
    expect((await apiclient(["restore", "1"], { env })).stdout).toBe(
      "Changed settings.motd\nmotd: rendered\nNot restored: settings.s is a secret\n",
    );
    expect(api.seen.map(({ ifMatch }) => ifMatch)).toEqual([undefined, '"e"']);
    expect(api.lines()).toEqual([
      "POST /history/restore?id=1&tx=apiclient-restore-X",
      "POST /tx/commit_and_apply?tx=apiclient-restore-X",
    ]);
  });

  it("only shows with --dry-run, and commits nothing when there is no difference", async () => {
    api.replies["POST /history/restore"] = [
      { status: 200, body: restored },
      { status: 200, body: { ...restored, staged: [] } },
    ];
    expect((await apiclient(["restore", "1", "--dry-run"], { env })).stdout).toBe(
      `${PLAN_TEXT}Not restored: settings.s is a secret\n`,
    );
    expect(api.lines().at(-1)).toBe("DELETE /tx?tx=apiclient-restore-X");
    const { stdout } = await apiclient(["restore", "1", "--json"], { env });
    expect(JSON.parse(stdout)).toEqual({ changed: [], services: [], skipped: restored.skipped });
  });
});

describe("edit", () => {
  /** An editor that runs these lines of shell on the file, one line each time it is opened. */
  function editor(...scripts: string[]): Record<string, string> {
    const file = path.join(folder, `editor-${Math.random()}`);
    const cases = scripts.map((script, index) => `${index}) ${script} ;;`).join("\n");
    fs.writeFileSync(
      file,
      `#!/bin/sh
file=$2
count=$(cat "$0.count" 2>/dev/null || echo 0)
cp "$file" "$0.seen-$count"
case $count in
${cases}
esac
echo $((count + 1)) > "$0.count"
`,
      { mode: 0o755 },
    );
    return { ...env, EDITOR: `${file} --flag`, TMPDIR: folder };
  }

  const opened = (made: Record<string, string>, count: number): string =>
    fs.readFileSync(`${(made["EDITOR"] ?? "").split(" ")[0]}.seen-${count}`, "utf8");
  const leftovers = (): string[] =>
    fs.readdirSync(folder).filter((name) => name.startsWith("apiclient-edit-"));

  it("sends what was changed and removed, for the settings that were shown", async () => {
    const made = editor(`sed -i -e '/^motd/d' -e 's/"h"/"new"/' "$file"`);
    expect((await apiclient(["edit"], { env: made })).stdout).toContain("Changed settings.motd");
    expect(opened(made, 0)).toContain('[settings]\nmotd = "old"\n');
    expect(JSON.parse(api.seen[1]?.body ?? "")).toEqual({
      motd: null,
      network: { hostname: "new" },
    });
    expect(api.seen[2]?.ifMatch).toBe('"e"');
    expect(leftovers()).toEqual([]);
  });

  it("does nothing when the text stays the same, or only its form", async () => {
    for (const script of ["true", `echo "# a thought" >> "$file"`]) {
      const ended = await apiclient(["edit"], { env: editor(script) });
      expect(ended).toMatchObject({ status: 0, stdout: "Nothing changed\n" });
    }
    expect(api.lines()).toEqual(["GET /settings", "GET /settings"]);
  });

  it("opens a refused text again with the reason, until it is good", async () => {
    api.replies["PATCH /settings"] = [REFUSAL, { status: 204 }];
    const made = editor(
      `sed -i 's/"old"/"bad/' "$file"`,
      `sed -i 's/"bad/"worse"/' "$file"`,
      `sed -i 's/"worse"/"good"/' "$file"`,
    );
    expect((await apiclient(["edit"], { env: made })).status).toBe(0);
    expect(opened(made, 1)).toMatch(/^# Refused: Cannot set settings: the text, line 5, column/);
    expect(opened(made, 2)).toMatch(/^# Refused: "settings.motd" is bad\n# The settings/);
    expect(api.seen.at(-2)?.body).toBe('{"motd":"good"}');
    expect(leftovers()).toEqual([]);
  });

  it("keeps the text when it was given up, and when somebody else was faster", async () => {
    api.replies["PATCH /settings"] = REFUSAL;
    const given = await apiclient(["edit"], {
      env: editor(`sed -i 's/"old"/"bad"/' "$file"`, "true"),
    });
    expect(given.status).toBe(65);
    const [, kept = ""] = /The text is kept in (.*)\n/.exec(given.stderr) ?? [];
    expect(fs.readFileSync(kept, "utf8")).toContain('motd = "bad"');
    expect(fs.statSync(kept).mode & 0o777).toBe(0o600);
    api.replies["PATCH /settings"] = { status: 204 };
    api.replies["POST /tx/commit_and_apply"] = {
      status: 412,
      body: { detail: "changed meanwhile" },
    };
    const late = await apiclient(["edit"], { env: editor(`sed -i 's/"old"/"x"/' "$file"`) });
    expect(late).toMatchObject({ status: 75 });
    expect(late.stderr).toContain("The text is kept in");
    for (const name of leftovers()) fs.rmSync(path.join(folder, name), { recursive: true });
  });

  it("does not take an emptied text for the wish to unset everything, nor an editor that fails", async () => {
    const emptied = await apiclient(["edit"], { env: editor(`: > "$file"`, "true") });
    expect(emptied.status).toBe(65);
    expect(emptied.stderr).toContain("the text holds none");
    const broken = await apiclient(["edit"], { env: { ...env, EDITOR: "/nowhere/editor" } });
    expect(broken.status).toBe(1);
    expect(broken.stderr).toContain('Cannot edit with "/nowhere/editor"');
    expect(api.lines()).toEqual(["GET /settings", "GET /settings"]);
  });
});

it("the completion knows the new commands", async () => {
  const { stdout } = await apiclient(["completion", "bash"]);
  expect(stdout).toContain("unset|apply|edit|diff|commit|confirm|revert|history|restore");
  expect(stdout).toContain('restore) words="--dry-run --try --rollback-on-failure --json');
  const checked = await run("bash", ["-n"], process.env, stdout);
  expect(checked).toEqual({ status: 0, stdout: "", stderr: "" });
});
