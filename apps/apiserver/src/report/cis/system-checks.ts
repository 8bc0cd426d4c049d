import { PATHS } from "../../paths.ts";
import { activeStateOf } from "../../health/unit-states.ts";
import { fail, judge, pass, skip, type CisCheck, type Verdict } from "./cis-check.ts";
import type { MachineLook } from "./machine-look.ts";
import { mountOf } from "./mounts.ts";

export const SYSTEM_CHECKS: readonly CisCheck[] = [
  {
    id: "1.2.1",
    title: "Updates come from the right place",
    level: 1,
    mode: "manual",
    look: async (machine) => {
      const url = machine.settings().updates["metadata-base-url"];
      return skip(
        url === undefined
          ? "A person must judge: settings.updates.metadata-base-url is not set, so this machine looks for no updates."
          : "A person must judge whether settings.updates.metadata-base-url is the right place.",
      );
    },
  },
  {
    id: "1.3.1",
    title: "Each block of the root is checked",
    level: 1,
    mode: "automatic",
    look: verity,
  },
  {
    id: "1.6",
    title: "Updates are installed",
    level: 1,
    mode: "manual",
    look: async (machine) => {
      const release = await machine.text(PATHS.osRelease);
      const [, version] = /^VERSION_ID="?([^"\n]*)"?$/m.exec(release) ?? [];
      if (version === undefined) throw new Error(`"${PATHS.osRelease}" names no version`);
      return skip(`A person must judge whether ${version} is the newest version.`);
    },
  },
  {
    id: "2.1.1.1",
    title: "The clock follows time servers",
    level: 1,
    mode: "automatic",
    look: async (machine) => {
      const state = activeStateOf(await machine.units(), "chronyd.service");
      const sources = await machine.text(`${PATHS.renderedFiles}/chrony/settings.sources`);
      const count = sources.split("\n").filter((line) => /^(?:server|pool) /.test(line)).length;
      const seen = `chronyd.service is ${state}, and has ${count} sources of time.`;
      return judge(state === "active" && count > 0, seen);
    },
  },
];

/** The root must be the device that the kernel was told to check, and it must not go on after a block that is wrong. */
async function verity(machine: MachineLook): Promise<Verdict> {
  const root = mountOf(await machine.mounts(), "/");
  if (root === undefined) throw new Error("the mount table names no root");
  const device = (await machine.exists(PATHS.rootDevice))
    ? await machine.text(PATHS.rootDevice)
    : undefined;
  if (device === undefined || root.device !== device)
    return fail(`The root is ${root.source} (${root.type}), which dm-verity does not check.`);
  const commandLine = await machine.text(PATHS.commandLine);
  const [, table] = /dm-mod\.create="([^"]*)"/.exec(commandLine) ?? [];
  const [, hash] = / verity .* sha256 ([0-9a-f]{64})(?: |$)/.exec(table ?? "") ?? [];
  if (table === undefined || hash === undefined)
    return fail("The root is dm-0, but the kernel was not told to check it with dm-verity.");
  const onFault = /\b(?:panic|restart)_on_corruption\b/.exec(table)?.[0];
  return onFault === undefined
    ? fail("dm-verity checks the root, but a block that is wrong does not stop the machine.")
    : pass(`dm-verity checks the root against ${hash.slice(0, 16)}…, with ${onFault}.`);
}
