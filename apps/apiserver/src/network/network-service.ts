import { nestSettings, type Settings } from "@ballast/model";
import { errorFields, type Log } from "@ballast/service";
import type { Clock, Exec, Fs } from "@ballast/system";
import { ApiError } from "../api-error.ts";
import type { ApplyHook, Preparation } from "../apply/applier.ts";
import { systemctl } from "../apply/systemctl.ts";
import type { BootStateKeeper } from "../boot-state.ts";
import { PATHS } from "../paths.ts";
import { listInterfaces } from "./interface-states.ts";
import { judgeInterfaces } from "./judge-interfaces.ts";

/** The name of the service in libs/model. */
export const NETWORK_SERVICE = "network-interfaces";

/** A switch and a DHCP server need some seconds. */
const WAIT_MS = 15_000;
const LOOK_EVERY_MS = 500;

export interface NetworkParts {
  readonly fs: Fs;
  readonly exec: Exec;
  readonly clock: Clock;
}

/**
 * Before files change: VLANs and bonds whose definition changed or went are removed, because networkd
 * neither removes nor redefines a device that exists. Removal is the act of a unit, for this server has no right to it.
 */
export function removeStaleDevices({ fs, exec }: NetworkParts): Preparation {
  return async (changedFiles) => {
    for (const path of changedFiles) {
      const [, name] = /\/\d+-([^/]+)\.netdev$/.exec(path) ?? [];
      if (name !== undefined && (await fs.exists(`${PATHS.virtualDevices}/${name}`)))
        await systemctl(exec, "start", [`network-device-removal@${name}.service`]);
    }
  };
}

/**
 * After networkd read changed files: waits until every interface that is set is as it should be. A setting that no
 * network can follow is so told in the report, and not only in the journal.
 */
export function awaitInterfaces({ exec, clock }: NetworkParts): ApplyHook {
  return async (effective, hasNewFiles) => {
    const { interfaces } = nestSettings(effective).network;
    if (!hasNewFiles || Object.keys(interfaces).length === 0) return false;
    const end = clock.now().add({ milliseconds: WAIT_MS });
    for (;;) {
      // Also before the first look: networkd begins a moment after it was told, and until then shows the old state.
      await clock.sleep(LOOK_EVERY_MS);
      const problems = judgeInterfaces(interfaces, await listInterfaces(exec));
      if (problems.length === 0) return false;
      if (Temporal.Instant.compare(clock.now(), end) >= 0) throw notAsSet(problems);
    }
  };
}

/** What failed for want of a link or an answer may have come right since: then the report says so. Never rejects. */
export async function lookAgain(
  { exec, log, boot }: { readonly exec: Exec; readonly log: Log; readonly boot: BootStateKeeper },
  settings: () => Settings,
): Promise<void> {
  const find = () => boot.get().services.find(({ name }) => name === NETWORK_SERVICE);
  const report = find();
  if (report?.status !== "failed") return;
  try {
    const problems = judgeInterfaces(settings().network.interfaces, await listInterfaces(exec));
    // A report of another apply in the meantime is newer than this look.
    if (problems.length > 0 || find() !== report) return;
    await boot.report([{ name: NETWORK_SERVICE, action: report.action, status: "ok" }]);
  } catch (error) {
    // The report stands as it is: it tells of a failure already.
    log.debug("Interfaces not looked at again", errorFields(error));
  }
}

function notAsSet(problems: readonly string[]): ApiError {
  return new ApiError(
    "apiserver.bad-network",
    `Interfaces are not as set after ${WAIT_MS / 1000} s: ${problems.join("; ")}`,
    { hint: "See journalctl --unit=systemd-networkd.service, or set optional = true." },
  );
}
