import type { HealthCheck, StateStorage } from "@ballast/model";
import type { Fs } from "@ballast/system";
import { PATHS } from "../paths.ts";

const STORED: StateStorage = { kind: "stored", reason: null };
const REASON_MAX = 600;

/**
 * What lies at `/var/lib/ballast`, by the mount table: units of systemd decided that before this program began. Looked at
 * again each time, for the kernel stops writing to STATE when it finds an error in it.
 */
export async function readStateStorage(fs: Fs): Promise<StateStorage> {
  const mount = lastMount((await fs.readText(PATHS.ownMounts)) ?? "");
  if (mount?.type === "tmpfs")
    return { kind: "volatile", reason: oneLine(await fs.readText(PATHS.stateVolatile)) };
  if (mount !== undefined && mount.options.some((word) => word === "ro" || word === "emergency_ro"))
    return { kind: "read-only", reason: "the kernel found an error in its file system" };
  return STORED;
}

export function stateCheck(
  { kind, reason }: StateStorage,
  writeFault: string | undefined,
): HealthCheck {
  const name = "state";
  const failed = (text: string): HealthCheck => ({ name, status: "failed", reason: text });
  if (kind === "volatile")
    return failed(
      `settings are volatile, the next start loses them: STATE cannot be used: ${reason ?? "no reason is known"}`,
    );
  if (kind === "read-only")
    return failed(
      `settings cannot be changed: STATE is read-only: ${reason ?? "no reason is known"}`,
    );
  return writeFault === undefined ? { name, status: "ok" } : failed(writeFault);
}

/** proc_pid_mounts(5), fields as fstab(5). The sandbox mounts it once more over itself; the last one counts. */
function lastMount(
  text: string,
): { readonly type: string | undefined; readonly options: readonly string[] } | undefined {
  const fields = text
    .split("\n")
    .map((line) => line.split(" "))
    .findLast(([, target]) => target === PATHS.state);
  return fields === undefined
    ? undefined
    : { type: fields[2], options: (fields[3] ?? "").split(",") };
}

/** What matters comes last. */
function oneLine(text: string | undefined): string | null {
  const lines = (text ?? "").split("\n").map((line) => line.trim());
  const joined = lines.filter((line) => line !== "").join("; ");
  if (joined === "") return null;
  return joined.length > REASON_MAX ? `…${joined.slice(-REASON_MAX)}` : joined;
}
