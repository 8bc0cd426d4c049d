import { describe, expect, it } from "vitest";
import { inMemoryDevice, inMemoryFolders } from "./in-memory-folders.ts";
import { specOf } from "./workload.fixture.ts";
import type { WorkloadSpec } from "./workload.ts";

function mountsOf(more: Partial<WorkloadSpec>): unknown {
  const file: unknown = JSON.parse(inMemoryFolders("web", specOf(more)));
  expect(file).toMatchObject({
    kind: "ballast.local/tmpfs",
    devices: [{ name: "web.folders", containerEdits: { mounts: expect.any(Array) } }],
  });
  const mounts = /"mounts":(\[.*?\}\])/.exec(JSON.stringify(file))?.[1] ?? "[]";
  return JSON.parse(mounts);
}

const pathsOf = (more: Partial<WorkloadSpec>) =>
  [...JSON.stringify(mountsOf(more)).matchAll(/"containerPath":"([^"]+)"/g)].map(
    ([, path]) => path,
  );

describe("folders in memory", () => {
  it("are where programs write, beside those of the settings", () => {
    const tmpfs = { cache: { path: "/cache", size: "1Gi" } };
    expect(mountsOf({ tmpfs })).toEqual([
      {
        ...{ hostPath: "tmpfs", containerPath: "/cache", type: "tmpfs" },
        options: ["nosuid", "nodev", "tmpcopyup", "size=1073741824", "mode=1777"],
      },
      ...["/run", "/tmp", "/var/tmp"].map((containerPath) => ({
        ...{ hostPath: "tmpfs", containerPath, type: "tmpfs" },
        options: ["nosuid", "nodev", "tmpcopyup", "size=67108864"],
      })),
    ]);
  });

  it("leave a path to what the settings have there", () => {
    expect(
      pathsOf({
        tmpfs: { x: { path: "/tmp", size: "6Mi" } },
        volumes: { y: { path: "/run", "read-only": false } },
        "host-paths": { z: { source: "/x", path: "/var/tmp", "read-only": true } },
      }),
    ).toEqual(["/tmp"]);
  });

  it("are only those of the settings where the root can be written", () => {
    const spec = { "read-only-root": false };
    expect(inMemoryDevice("web", specOf(spec))).toBeUndefined();
    expect(pathsOf({ ...spec, tmpfs: { x: { path: "/x" } } })).toEqual(["/x"]);
    expect(inMemoryDevice("web-", specOf())).toBe("ballast.local/tmpfs=web-.folders");
  });
});
