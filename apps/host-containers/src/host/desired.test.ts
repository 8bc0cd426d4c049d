import { inspect } from "node:util";
import { expect, it } from "vitest";
import { parseHostContainers } from "./desired.ts";

const ADMIN = {
  ...{ source: "r.example.org/admin:1", enabled: true, superpowered: false },
  ...{ "api-role": "reader", resources: {} },
};

function parse(admin: unknown) {
  return parseHostContainers(JSON.stringify({ "host-containers": { admin } }), "/f");
}

it("gives what is enabled", () => {
  const [admin] = parse({ ...ADMIN, superpowered: true, "api-role": "none", command: ["/x"] });
  expect(admin).toMatchObject({
    ...{ kind: "host", name: "admin", source: ADMIN.source, command: ["/x"] },
    ...{ privileges: "superpowered", hasApi: false, userData: undefined },
  });
  expect(parse({ ...ADMIN, enabled: false })).toEqual([]);
});

it("tells what must be made anew, which a role of the API is not", () => {
  const hash = (more: object) => parse({ ...ADMIN, ...more })[0]?.hash;
  expect(hash({ "api-role": "admin" })).toBe(hash({}));
  for (const more of [
    { "api-role": "none" },
    { "user-data": "YQ==" },
    { superpowered: true },
    { command: [] },
    { resources: { pids: 9 } },
    { source: "r.example.org/admin:2" },
  ])
    expect(hash(more)).not.toBe(hash({}));
});

it.each([
  [{ ...ADMIN, source: 1 }],
  [{ ...ADMIN, "user-data": { secr3t: 1 } }],
  [{ ...ADMIN, enabled: "secr3t" }],
  [{ ...ADMIN, resources: null }],
  [{ ...ADMIN, command: "secr3t" }],
  ["secr3t"],
])("refuses what is no container, without telling what it holds", (admin) => {
  let error: unknown;
  try {
    parse(admin);
  } catch (thrown) {
    error = thrown;
  }
  expect(error).toMatchObject({ message: 'Cannot read "/f": container "admin" is not one' });
  expect(inspect(error, { depth: 9 })).not.toContain("secr3t");
});
