import { effectiveSettings, flatten, nestSettings } from "@ballast/model";
import { expect, it } from "vitest";
import { containersOf, findContainer } from "./find-container.ts";

const settings = nestSettings(
  effectiveSettings(
    flatten({
      containers: { web: { image: "a.io/web:1" }, twin: { image: "a.io/twin:1" } },
      "host-containers": { admin: { source: "a.io/admin:1" }, twin: { source: "a.io/twin:1" } },
      "bootstrap-containers": { setup: { source: "a.io/setup:1" } },
    }),
  ),
);
const known = containersOf(settings);

it.each([
  ["web", "workload", "web"],
  ["workload/web", "workload", "web"],
  ["admin", "host", "admin"],
  ["bootstrap/setup", "bootstrap", "setup"],
  ["host/twin", "host", "twin"],
  ["workload/twin", "workload", "twin"],
])("%s is %s %s", (reference, kind, name) => {
  expect(findContainer(known, reference)).toEqual({ kind, name });
});

it.each(["host/web", "nothing"])("%s is refused", (reference) => {
  expect(() => findContainer(known, reference)).toThrow(`There is no container "${reference}"`);
});

it("names both that a name may mean", () => {
  expect(() => findContainer(known, "twin")).toThrow(
    expect.objectContaining({
      code: "apiserver.ambiguous-container",
      message: 'Container "twin" is "workload/twin" and "host/twin": say which',
    }),
  );
});
