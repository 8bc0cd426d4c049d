import { chmodSync, mkdirSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { describeError } from "@ballast/errors";
import type { Role, Settings } from "@ballast/model";
import type { Log } from "@ballast/service";
import { ApiError } from "../api-error.ts";
import { openHostSocket, type HostSocket, type HostSocketHandler } from "./host-socket.ts";

export interface HostSockets {
  /**
   * Opens, changes and closes sockets until there is one for each container that runs and has a role; what an earlier
   * server left is taken away. Answers whether anything changed. One that fails does not keep the others from it.
   */
  apply(containers: Settings["host-containers"]): Promise<boolean>;
  close(): Promise<void>;
}

/**
 * The socket of container NAME is `<directory>/NAME/api.sock`. The folder NAME is what is mounted into the container, read-only:
 * it stays the same one for as long as the container has a role, so that a server that is started anew is found again.
 */
export function createHostSockets(
  directory: string,
  handler: HostSocketHandler,
  log: Log,
): HostSockets {
  const open = new Map<string, HostSocket>();

  const take = (name: string): void => {
    const socket = open.get(name);
    open.delete(name);
    if (socket !== undefined) void socket.close();
    rmSync(join(directory, name), { recursive: true, force: true });
    log.notice("Socket of a host container is closed", { container: name });
  };
  const give = async (name: string, role: Role): Promise<boolean> => {
    const socket = open.get(name);
    if (socket?.role() === role) return false;
    if (socket === undefined) {
      const folder = join(directory, name);
      makeFolder(folder, 0o755);
      open.set(name, await openHostSocket(join(folder, "api.sock"), name, role, handler));
    } else socket.setRole(role);
    log.notice("Socket of a host container is open", { container: name, role });
    return true;
  };

  return {
    apply: async (containers) => {
      const wanted = wantedRoles(containers);
      makeFolder(directory, 0o700);
      const stale = readdirSync(directory).filter((name) => !wanted.has(name));
      for (const name of stale) take(name);
      let isChanged = stale.length > 0;
      const faults: string[] = [];
      for (const [name, role] of wanted)
        try {
          if (await give(name, role)) isChanged = true;
        } catch (error) {
          faults.push(describeError(error));
        }
      if (faults.length > 0) throw new ApiError("apiserver.bad-socket", faults.join("; "));
      return isChanged;
    },
    close: async () => {
      await Promise.all([...open.values()].map((socket) => socket.close()));
      open.clear();
    },
  };
}

function wantedRoles(containers: Settings["host-containers"]): Map<string, Role> {
  const roles = new Map<string, Role>();
  for (const [name, { enabled, "api-role": role }] of Object.entries(containers))
    if (enabled && role !== "none") roles.set(name, role);
  return roles;
}

/** Not by mkdir's mode alone: it passes through the umask, and the folder may exist. */
function makeFolder(path: string, mode: number): void {
  mkdirSync(path, { recursive: true, mode });
  chmodSync(path, mode);
}
