import type { Role } from "@ballast/model";
import { describe, expect, it } from "vitest";
import { routeTableApp } from "../routes/app.fixture.ts";
import { createRoutes } from "../routes/index.ts";
import type { Answer, Caller, Route } from "./route.ts";

const ADMIN: Caller = { kind: "local", role: "admin" };

function remote(role: Role): Caller {
  return { kind: "remote", role, subject: "CN=x", serial: "1" };
}

/** The route table of a machine in memory, called without HTTP. */
function machine() {
  const app = routeTableApp();
  const routes: readonly Route[] = createRoutes(app);
  const call = async (
    caller: Caller,
    method: string,
    path: string,
    body?: unknown,
    query: unknown = {},
  ): Promise<Answer> => {
    const found = routes.find((route) => route.method === method && route.path === path);
    if (found === undefined) throw new Error(`There is no route ${method} ${path}`);
    const signal = new AbortController().signal;
    const parsed = found.query.parse(query);
    return found.handle({ caller, query: parsed, body, headers: {}, signal, audit: {} });
  };
  return { app, call };
}

const PRIVILEGED = expect.objectContaining({
  code: "apiserver.forbidden",
  message: expect.stringContaining(
    '"settings.api.remote.enabled" needs role admin, the client has role operator',
  ),
  details: { key: "settings.api.remote.enabled", role: "admin" },
});

describe("an operator", () => {
  const operator = remote("operator");

  it("sets and commits what the table allows", async () => {
    const { app, call } = machine();
    await call(operator, "PATCH", "/settings", { motd: "Maintenance at noon" });
    await call(operator, "POST", "/tx/commit");
    expect(app.store.effective().get("motd")).toBe("Maintenance at noon");
    const entry = app.store.history()[0];
    expect(entry?.who).toBe("CN=x serial=1");
  });

  it.each([
    ["PATCH", "/settings", { motd: "x", api: { remote: { enabled: false } } }],
    ["PATCH", "/settings", { motd: "x", api: { remote: { enabled: null } } }],
    [
      "PATCH",
      "/settings/keypair",
      { request_payload: ["motd=x", "settings.api.remote.enabled=false"] },
    ],
  ])(
    "is refused a privileged key with %s %s, and nothing is staged",
    async (method, path, body) => {
      const { app, call } = machine();
      await expect(call(operator, method, path, body)).rejects.toEqual(PRIVILEGED);
      expect(app.store.transactions()).toEqual([]);
    },
  );

  it.each(["/tx/commit", "/tx/commit_and_apply"])(
    "does not commit what an admin staged with POST %s",
    async (path) => {
      const { app, call } = machine();
      await call(ADMIN, "PATCH", "/settings", { api: { remote: { enabled: false } } });
      await call(operator, "PATCH", "/settings", { motd: "x" });
      const before = app.store.etag();
      await expect(call(operator, "POST", path)).rejects.toEqual(PRIVILEGED);
      await expect(call(operator, "DELETE", "/tx")).rejects.toEqual(PRIVILEGED);
      expect(app.store.etag()).toBe(before);
      expect(app.store.pending("default").map(({ key }) => key)).toEqual([
        "api.remote.enabled",
        "motd",
      ]);
    },
  );

  it("runs containers, but none that has more than its own", async () => {
    const { app, call } = machine();
    const web = { image: "example.org/web:1" };
    await call(operator, "PATCH", "/settings", { containers: { web } });
    await call(operator, "POST", "/tx/commit");
    for (const more of [
      { privileged: true },
      { "host-paths": { logs: { source: "/var/log", path: "/logs" } } },
      { "secret-env": { TOKEN: "x" } },
      { "extra-capabilities": [] },
      { "allow-link-local": true },
    ])
      await expect(
        call(operator, "PATCH", "/settings", { containers: { web: more } }),
      ).rejects.toThrow("needs role admin");
    // Staged while it was allowed, and no more when it is committed.
    await call(operator, "PATCH", "/settings", { containers: { web: { args: ["x"] } } });
    await call(
      ADMIN,
      "PATCH",
      "/settings",
      { containers: { web: { privileged: true } } },
      { tx: "a" },
    );
    await call(ADMIN, "POST", "/tx/commit", undefined, { tx: "a" });
    await expect(call(operator, "POST", "/tx/commit")).rejects.toThrow(
      '"settings.containers.web.args" needs role admin',
    );
    await expect(
      call(operator, "PATCH", "/settings", { containers: { web: null } }, { tx: "b" }),
    ).rejects.toThrow('"settings.containers.web" needs role admin');
    expect(app.store.transactions()).toEqual(["default"]);
  });

  it("applies again only what it may write", async () => {
    const { call } = machine();
    await expect(call(operator, "POST", "/tx/apply")).rejects.toThrow(
      '"settings" needs role admin',
    );
    const keys = { keys: "motd,api.remote" };
    await expect(call(operator, "POST", "/tx/apply", undefined, keys)).rejects.toThrow(
      '"settings.api.remote" needs role admin',
    );
    expect(await call(operator, "POST", "/tx/apply", undefined, { keys: "motd" })).toMatchObject({
      status: 200,
    });
  });
});

describe("an admin", () => {
  it("commits what an operator staged", async () => {
    const { app, call } = machine();
    await call(remote("operator"), "PATCH", "/settings", { motd: "x" });
    await call(remote("admin"), "POST", "/tx/commit");
    expect(app.store.effective().get("motd")).toBe("x");
  });
});
