import {
  pemCertificates,
  type Health,
  type Os,
  type Settings,
  type SlotFailure,
} from "@ballast/model";

export interface StatusFacts {
  readonly os: Os;
  readonly settings: Settings;
  readonly addresses: readonly string[];
  readonly health: Health;
  readonly userDataError: string | null;
  /** The running slot has to earn its mark. */
  readonly isTrial: boolean;
  /** Of the slot that does not run. */
  readonly failure: SlotFailure | null;
}

/** The text for the console: who this machine is, and last a verdict that stands alone on its line. */
export function statusBlock(facts: StatusFacts): string {
  const { os, settings, health } = facts;
  const rows: (readonly [string, string])[] = [
    ["slot", os.slot ?? "none"],
    ["address", facts.addresses.length === 0 ? "none yet" : facts.addresses.join(", ")],
    ["hostname", settings.network.hostname],
    ["api", apiRow(settings)],
    ...settings.motd.split("\n").map((line) => ["motd", line] as const),
    ...health.checks
      .filter(({ status }) => status === "failed" || status === "warning")
      .map(({ status, name, reason }) => [status, `${name}: ${reason ?? "no reason"}`] as const),
    ...trialRows(facts),
  ];
  return [
    "",
    `Ballast ${os.version_id} ${os.variant_id} (build ${os.build_id})`,
    ...rows.map(([name, value]) => `  ${name.padEnd(9)} ${value}`),
    ...stateLines(health),
    verdict(facts),
    "",
  ]
    .map(printable)
    .join("\n");
}

/** In the place of the block, when there is no server to make one. */
export function notServedLine(reason: string): string {
  return printable(`Ballast: API is not served: ${reason}`);
}

/** Nobody should have to look for it. */
function stateLines({ checks }: Health): string[] {
  return checks
    .filter(({ name, status }) => name === "state" && status === "failed")
    .map(({ reason }) => `Ballast: ${reason ?? "settings cannot be stored"}`);
}

function verdict({ health, userDataError }: StatusFacts): string {
  if (userDataError !== null) return `Ballast: user data refused: ${userDataError}`;
  return `Ballast: ${health.status}`;
}

function trialRows({ isTrial, failure, settings }: StatusFacts): (readonly [string, string])[] {
  const limit = settings.boot["trial-limit"];
  return [
    ...(isTrial
      ? [["trial", `healthy within ${limit} s of power-on, or the other slot boots`] as const]
      : []),
    ...(failure === null ? [] : [[`slot ${failure.slot}`, `failed: ${failure.reason}`] as const]),
  ];
}

function apiRow({ api: { remote } }: Settings): string {
  const [certificate] = pemCertificates(remote["server-certificate"] ?? "");
  if (!remote.enabled || certificate === undefined) return "local socket only";
  return `port ${remote.port}, certificate SHA-256 ${certificate.fingerprint256}`;
}

/** Reasons may quote what somebody sent: nothing of it may steer the terminal or forge a line. */
function printable(line: string): string {
  return line.replaceAll(/\p{Cc}/gu, " ");
}
