import { memoryBytes } from "./resources.ts";
import type { WorkloadSpec } from "./workload.ts";

const KIND = "ballast.local/tmpfs";
/** What programs expect to be able to write to, whatever else they may not. */
const STANDARD = ["/run", "/tmp", "/var/tmp"];
const DEFAULT_SIZE = "64Mi";

interface Folder {
  readonly path: string;
  readonly size?: string | undefined;
  /** Everybody may write, as to /tmp; else as the image has it. */
  readonly isForAll: boolean;
}

/** How the folders in memory of a workload are asked for; undefined if it has none. */
export function inMemoryDevice(name: string, spec: WorkloadSpec): string | undefined {
  return foldersOf(spec).length === 0 ? undefined : `${KIND}=${deviceName(name)}`;
}

/**
 * The folders as a specification of the Container Device Interface 0.5: the CRI knows no mount that is not a folder of the
 * machine, but lets a "device" bring mounts of any type. So runc makes them in the container's own namespace, its control
 * group pays for what is in them, and they are gone when it is.
 */
export function inMemoryFolders(name: string, spec: WorkloadSpec): string {
  const mounts = foldersOf(spec).map(({ path, size = DEFAULT_SIZE, isForAll }) => ({
    hostPath: "tmpfs",
    containerPath: path,
    type: "tmpfs",
    options: [
      ...["nosuid", "nodev", "tmpcopyup", `size=${memoryBytes(size)}`],
      ...(isForAll ? ["mode=1777"] : []),
    ],
  }));
  const devices = [{ name: deviceName(name), containerEdits: { mounts } }];
  return `${JSON.stringify({ cdiVersion: "0.5.0", kind: KIND, devices })}\n`;
}

function foldersOf(spec: WorkloadSpec): Folder[] {
  const own = Object.values(spec.tmpfs).map((folder) => ({ ...folder, isForAll: true }));
  if (!spec["read-only-root"]) return own;
  const taken = [spec.volumes, spec["host-paths"], spec.tmpfs].flatMap((table) =>
    Object.values(table).map(({ path }) => path),
  );
  const standard = STANDARD.filter((path) => !taken.includes(path));
  return [...own, ...standard.map((path) => ({ path, isForAll: false }))];
}

/** Names of devices end with a letter or a digit, those of containers may end with `-`. */
function deviceName(name: string): string {
  return `${name}.folders`;
}
