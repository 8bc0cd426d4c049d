import { effectiveSettings, flatten, nestSettings } from "@ballast/model";
import { createMemoryFs } from "@ballast/system";
import { expect, it } from "vitest";
import { PATHS } from "../paths.ts";
import { listContainers } from "./list-containers.ts";

const SEEN = {
  ...{
    name: "web",
    kind: "workload",
    state: "running",
    since: "2026-01-01T00:00:00.000Z",
    restarts: 0,
  },
  ...{ exit_code: null, health: "none", health_reason: null, image: "a.io/web:1", digest: null },
  ...{ reason: null, next_try: null, cgroup: null },
} as const;
const GONE = { ...SEEN, name: "gone", state: "removing", image: null } as const;

function list(state: unknown, containers: unknown, more: Readonly<Record<string, unknown>> = {}) {
  const { host, bootstrap, ...groups } = more;
  const files = Object.entries({
    [PATHS.containersState]: state,
    [PATHS.hostState]: host,
    [PATHS.bootstrapState]: bootstrap,
  }).flatMap(([path, file]) => (file === undefined ? [] : [[path, JSON.stringify(file)] as const]));
  const fs = createMemoryFs(Object.fromEntries(files));
  return listContainers(fs, nestSettings(effectiveSettings(flatten({ containers, ...groups }))));
}

it("tells what the manager saw, by name", async () => {
  expect(await list([SEEN, GONE], { web: { image: "a.io/web:1" } })).toEqual([GONE, SEEN]);
  expect(await list([], {})).toEqual([]);
});

it("tells of what the manager has not seen yet, whatever ran under the name", async () => {
  const set = { web: { image: "a.io/web:2" }, off: { image: "a.io/off:1", enabled: false } };
  const fresh = { since: null, restarts: 0, exit_code: null, digest: null, reason: null };
  for (const state of [undefined, [SEEN], []])
    expect(await list(state, set)).toMatchObject([
      { name: "off", state: "disabled", image: "a.io/off:1", ...fresh },
      { name: "web", state: "starting", image: "a.io/web:2", ...fresh },
    ]);
});

it("tells of host and bootstrap containers too, whatever names others have", async () => {
  const source = "a.io/web:1";
  const ran = { ...SEEN, kind: "bootstrap", name: "ran", state: "ended" } as const;
  const host = { ...SEEN, kind: "host" } as const;
  const groups = {
    "host-containers": { web: { source, enabled: true }, admin: { source } },
    "bootstrap-containers": { ran: { source, mode: "always" }, next: { source, mode: "once" } },
    host: [host],
    bootstrap: [ran],
  };
  const all = await list([SEEN], { web: { image: source } }, groups);
  expect(all.map(({ kind, name, state }) => `${kind}/${name} ${state}`)).toEqual([
    "host/admin disabled",
    "bootstrap/next waiting",
    "bootstrap/ran ended",
    "host/web running",
    "workload/web running",
  ]);
});

it("does not pass on what is no list", async () => {
  await expect(list([{ ...SEEN, state: "well" }], {})).rejects.toMatchObject({
    code: "apiserver.cannot-look",
    message: `Cannot read "${PATHS.containersState}": it is not what host-containers writes`,
  });
});
