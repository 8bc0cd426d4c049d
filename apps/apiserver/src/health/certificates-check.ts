import type { HealthCheck } from "@ballast/model";
import type { CertificateDates } from "../remote/certificate-dates.ts";

const DAY_MS = 24 * 3_600_000;
const WARN_MS = 30 * DAY_MS;
/** Certificates that live for a short time are renewed late in it. */
const WARN_SHARE = 1 / 4;

/** Tells before a certificate of the remote API ends (still ok, with the reason), and after; no check if there is none. */
export function certificatesCheck(
  dates: readonly CertificateDates[],
  nowMs: number,
): HealthCheck[] {
  if (dates.length === 0) return [];
  const name = "certificates";
  const ended = dates.filter(({ untilMs }) => untilMs <= nowMs);
  if (ended.length > 0) return [{ name, status: "failed", reason: reasons(ended, "has ended on") }];
  const future = dates.filter(({ fromMs }) => fromMs > nowMs);
  if (future.length > 0) {
    const words = future.map((one) => `${keyOf(one)} is not valid before ${day(one.fromMs)}`);
    return [{ name, status: "waiting", reason: words.join("; ") }];
  }
  const ending = dates.filter(
    ({ fromMs, untilMs }) => untilMs - nowMs < Math.min(WARN_MS, (untilMs - fromMs) * WARN_SHARE),
  );
  if (ending.length === 0) return [{ name, status: "ok" }];
  return [{ name, status: "ok", reason: reasons(ending, "ends on") }];
}

function reasons(dates: readonly CertificateDates[], verb: string): string {
  return dates.map((one) => `${keyOf(one)} ${verb} ${day(one.untilMs)}`).join("; ");
}

function keyOf({ name }: CertificateDates): string {
  return `settings.api.remote.${name}`;
}

/** RFC 3339 in UTC. */
function day(ms: number): string {
  return new Date(ms).toISOString();
}
