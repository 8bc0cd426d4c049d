import type { HealthCheck } from "@ballast/model";
import type { CertificateDates } from "../remote/certificate-dates.ts";

const DAY_MS = 24 * 3_600_000;
const WARN_MS = 30 * DAY_MS;
/** Certificates that live for a short time are renewed late in it. */
const WARN_SHARE = 1 / 4;

/**
 * Warns before a certificate of the remote API ends and after, and while the clock is before its beginning; no check if there
 * is none. Never more than a warning: no other slot has other certificates or another clock.
 */
export function certificatesCheck(
  dates: readonly CertificateDates[],
  nowMs: number,
): HealthCheck[] {
  if (dates.length === 0) return [];
  const ended = dates.filter(({ untilMs }) => untilMs <= nowMs);
  const ending = dates.filter((one) => !ended.includes(one) && isEnding(one, nowMs));
  const future = dates.filter(({ fromMs }) => fromMs > nowMs);
  const reason = [
    ...ended.map((one) => `${keyOf(one)} has ended on ${day(one.untilMs)}`),
    ...future.map((one) => `${keyOf(one)} is not valid before ${day(one.fromMs)}`),
    ...ending.map((one) => `${keyOf(one)} ends on ${day(one.untilMs)}`),
  ].join("; ");
  const name = "certificates";
  return [reason === "" ? { name, status: "ok" } : { name, status: "warning", reason }];
}

function isEnding({ fromMs, untilMs }: CertificateDates, nowMs: number): boolean {
  return untilMs - nowMs < Math.min(WARN_MS, (untilMs - fromMs) * WARN_SHARE);
}

function keyOf({ name }: CertificateDates): string {
  return `settings.api.remote.${name}`;
}

/** RFC 3339 in UTC. */
function day(ms: number): string {
  return new Date(ms).toISOString();
}
