import { Role } from "@ballast/model";
import { describe, expect, it } from "vitest";
import { createRoutes } from "../routes/index.ts";
import { routeTableApp } from "../routes/app.fixture.ts";
import type { Caller } from "./route.ts";
import { checkAccess, matchRoute } from "./router.ts";

const routes = createRoutes(routeTableApp());

function remote(role: Role): Caller {
  return { kind: "remote", role, subject: "CN=x", serial: "1" };
}

/** Roles that may use a route: what a person reads in the table must be what the check does. */
function allowed(caller: Caller): string[] {
  return routes
    .filter((entry) => {
      try {
        checkAccess(entry, caller);
        return true;
      } catch {
        return false;
      }
    })
    .map(({ method, path }) => `${method} ${path}`)
    .toSorted();
}

/** What may be read without a role that writes. */
const READER = [
  "GET /health",
  "GET /os",
  "GET /report",
  "GET /report/cis",
  "GET /boot",
  "GET /slots",
  "GET /settings",
  "GET /settings/explain",
  "GET /history",
  "GET /events",
  "GET /metrics",
  "GET /openapi.json",
  "GET /containers",
  "GET /updates/status",
  "GET /updates/inhibitors",
  "GET /updates/plan",
];
/** Of settings an operator may write few: `settings-access.ts` asks for each key. */
const OPERATOR = [
  "POST /actions/rollback",
  "POST /actions/reboot",
  "POST /actions/shutdown",
  "POST /actions/refresh-updates",
  "POST /actions/prepare-update",
  "POST /actions/activate-update",
  "POST /actions/deactivate-update",
  "PUT /updates/inhibitors",
  "DELETE /updates/inhibitors",
  "PATCH /settings",
  "PATCH /settings/keypair",
  "DELETE /settings",
  "POST /history/restore",
  "GET /tx",
  "GET /tx/list",
  "GET /tx/plan",
  "GET /tx/try",
  "POST /tx/confirm",
  "POST /tx/revert",
  "DELETE /tx",
  "POST /tx/commit",
  "POST /tx/apply",
  "POST /tx/commit_and_apply",
  "GET /logs",
  "GET /containers/logs",
];
const ADMIN = ["PUT /updates/bundle", "POST /actions/reset", "GET /exec", "GET /report/logs"];

describe("the route table", () => {
  it("gives each role exactly these endpoints", () => {
    expect(allowed(remote("reader"))).toEqual(READER.toSorted());
    expect(allowed(remote("operator"))).toEqual([...READER, ...OPERATOR].toSorted());
    expect(allowed(remote("admin"))).toEqual([...READER, ...OPERATOR, ...ADMIN].toSorted());
  });

  it("keeps configure for the local socket", () => {
    const all = allowed({ kind: "local", role: "admin" });
    expect(all).toHaveLength(routes.length);
    expect(all).toContain("POST /actions/configure");
  });

  it("has each method of a path once", () => {
    const names = routes.map(({ method, path }) => `${method} ${path}`);
    expect(new Set(names).size).toBe(names.length);
  });
});

describe("matchRoute()", () => {
  it("takes HEAD for GET", () => {
    expect(matchRoute(routes, "HEAD", "/os").method).toBe("GET");
  });

  it.each(["/", "/nope", "/os/", "//os", "/OS", "/settings/../os", "/%6fs", "*", "__proto__"])(
    "knows no %s",
    (path) => {
      expect(() => matchRoute(routes, "GET", path)).toThrow(
        expect.objectContaining({ code: "apiserver.no-such-path" }),
      );
    },
  );

  it("says which methods a path takes", () => {
    expect(() => matchRoute(routes, "PUT", "/tx")).toThrow(
      expect.objectContaining({
        code: "apiserver.wrong-method",
        details: { allow: "DELETE, GET, HEAD" },
      }),
    );
  });
});
