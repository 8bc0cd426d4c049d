import { join } from "node:path";
import { SettingExplanation } from "@ballast/model";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startMachine, type Machine } from "./machine.ts";
import { freePort, Trust } from "./remote-machine.ts";

let machine: Machine;
beforeAll(async () => {
  const userData =
    '[settings]\nmotd = "Harbour"\n[settings.containers.web]\nimage = "docker.io/a/b:1"\n';
  machine = await startMachine({ "var/lib/ballast/user-data.toml": userData });
  await machine.configure();
  await machine.set({
    network: {
      hostname: "harbour-7",
      "https-proxy": "http://proxy.example.org",
      "https-proxy-credentials": "me:Never-Shown",
    },
  });
});
afterAll(async () => {
  await machine[Symbol.asyncDispose]();
});

async function explain(key: string): Promise<SettingExplanation> {
  const reply = await machine.call("GET", `/settings/explain?key=${encodeURIComponent(key)}`);
  expect([key, reply.status]).toEqual([key, 200]);
  return SettingExplanation.parse(reply.json);
}

describe("GET /settings/explain", () => {
  it.each([
    ["motd", "Harbour", "user-data"],
    ["settings.network.hostname", "harbour-7", "api"],
    ["ntp.time-servers", ["pool.ntp.org"], "default"],
    ["network.https-proxy", "http://proxy.example.org", "api"],
    ["containers.web.image", "docker.io/a/b:1", "user-data"],
    ["containers.web.enabled", true, "default"],
    ['kernel.sysctl."net.ipv4.ip_forward"', null, null],
  ])("tells value and source of %s", async (key, value, source) => {
    expect(await explain(key)).toMatchObject({ kind: "setting", value, source });
  });

  it("never tells a secret", async () => {
    expect(await explain("network.https-proxy-credentials")).toMatchObject({
      secret: true,
      value: null,
      source: "api",
    });
    for (const key of ["", "network"])
      expect(JSON.stringify(await explain(key))).not.toContain("Never-Shown");
  });

  it("tells of the settings of this ETag, and lists all groups without a key", async () => {
    const reply = await machine.call("GET", "/settings/explain");
    expect(reply.headers.etag).toBe((await machine.call("GET", "/settings")).headers.etag);
    const { children } = SettingExplanation.parse(reply.json);
    expect(children.map(({ key }) => key)).toContain("network");
  });

  it.each([
    ["network.hostnmae", '"network.hostnmae" is not a known setting', "network.hostname"],
    ["container.web.image", '"container.web.image" is not a known setting', "containers.web.image"],
  ])("has a guess for %s", async (key, detail, near) => {
    const reply = await machine.call("GET", `/settings/explain?key=${key}`);
    expect(reply.status).toBe(400);
    expect(reply.json).toMatchObject({ detail, hint: `Did you mean "${near}"?` });
    const patch = await machine.call("PATCH", "/settings/keypair", {
      body: { request_payload: [`${key}=x`] },
    });
    expect(patch.json).toMatchObject({ hint: `Did you mean "${near}"?` });
  });

  it.each([`key=${"x".repeat(600)}`, "key=a&key=b", "other=1", "key=%00", "key=__proto__"])(
    "refuses %s",
    async (query) => {
      expect((await machine.call("GET", `/settings/explain?${query}`)).status).toBe(400);
    },
  );
});

describe("apiclient explain", () => {
  it("shows what the machine says", async () => {
    const ended = await machine.client(["explain", "network.hostname"]);
    expect(ended.exitCode).toBe(0);
    expect(ended.stdout).toContain('Value       "harbour-7" (set by the API)');
    expect(ended.stdout).toContain("restarts hostname.service");
  });

  it("asks several machines at once, and ends as the worst of them", async () => {
    const trust = await Trust.create();
    const { machine: other, port } = await trust.start();
    await using _ = other;
    const folder = join(other.root, "credentials");
    const { identity } = trust.as("reader");
    other.write("credentials/ca.pem", trust.authority.pem);
    other.write("credentials/client.pem", identity?.cert ?? "");
    other.write("credentials/client.key", identity?.key ?? "");
    const env = { XDG_CONFIG_HOME: join(other.root, "config") };
    const client = (...args: string[]) => machine.client(args, env);
    for (const [name, at] of [
      ["here", port],
      ["gone", await freePort()],
    ] as const) {
      const options = ["--remote", `localhost:${at}`, "--credentials", folder];
      expect((await client("context", "add", name, ...options)).exitCode).toBe(0);
    }
    const one = await client("get", "motd", "--json", "--context", "here");
    expect(one).toMatchObject({
      exitCode: 0,
      stdout: '{"settings":{"motd":"Welcome to Ballast"}}',
    });
    const both = await client("explain", "motd", "--context", "gone,here");
    expect(both.exitCode).toBe(69);
    expect(both.stdout).toMatch(/^== here\nmotd\n/);
    expect(both.stderr).toMatch(/^apiclient: gone: Cannot reach the API at localhost:\d+/);
    const refused = await client("reboot", "--context", "here");
    expect(refused.exitCode).toBe(77);
  });
});
