import { setTimeout as sleep } from "node:timers/promises";
import { getContainers, safeText, type ApiClient } from "@ballast/api-client";
import { EXIT } from "@ballast/errors";
import type { ContainerKind, ContainerList, ContainerStatus } from "@ballast/model";
import type { ProgramContext } from "@ballast/service";
import { cpuShares, keyOf } from "./cpu-shares.ts";
import { columns, inSeconds } from "../text-layout.ts";

/** Of `sha256:` and 64 digits; the JSON has all. */
const DIGEST_LENGTH = 19;

/** Between two looks at the processor time. */
const SAMPLE_MS = 500;
const MEBIBYTE = 1024 * 1024;
const HEAD = "NAME STATE HEALTH SINCE RESTARTS EXIT CPU MEMORY DIGEST IMAGE".split(" ");

export async function runContainers(
  context: ProgramContext,
  client: ApiClient,
  { json }: { readonly json: boolean },
): Promise<number> {
  const { signal } = context;
  const first = await getContainers(client, { signal });
  if (json) {
    await context.stdout(`${JSON.stringify(first)}\n`);
    return EXIT.ok;
  }
  const startMs = performance.now();
  const isBusy = first.some((one) => one.cpu_usage_us !== null);
  if (isBusy) await sleep(SAMPLE_MS, undefined, { signal });
  const list = isBusy ? await getContainers(client, { signal }) : first;
  const shares = cpuShares(first, list, performance.now() - startMs);
  await context.stdout(formatContainers(list, shares));
  return EXIT.ok;
}

function formatContainers(list: ContainerList, shares: ReadonlyMap<string, number>): string {
  if (list.length === 0) return "No containers\n";
  const table = columns([HEAD, ...list.map((one) => rowOf(one, shares.get(keyOf(one))))]);
  const reasons = list.flatMap((one) =>
    reasonsOf(one).map((reason) => `${nameOf(one.kind, one.name)}: ${reason}`),
  );
  return [...table, ...reasons].map((line) => `${safeText(line)}\n`).join("");
}

function reasonsOf({ reason, next_try: next, health, ...one }: ContainerStatus): string[] {
  const again = next === null ? "" : ` (again at ${inSeconds(next)})`;
  return [
    ...(reason === null ? [] : [`${reason}${again}`]),
    ...(one.health_reason === null ? [] : [`${health}: ${one.health_reason}`]),
  ];
}

function rowOf(status: ContainerStatus, share: number | undefined) {
  const { name, kind, state, since, restarts, exit_code: exit, ...one } = status;
  return [
    nameOf(kind, name),
    state,
    one.health === "none" ? "-" : one.health,
    since === null ? "-" : inSeconds(since),
    String(restarts),
    exit === null ? "-" : String(exit),
    share === undefined ? "-" : `${Math.round(share * 100)}%`,
    one.memory_bytes === null ? "-" : `${Math.ceil(one.memory_bytes / MEBIBYTE)}Mi`,
    one.digest === null ? "-" : one.digest.slice(0, DIGEST_LENGTH),
    one.image ?? "-",
  ];
}

/** As commands take it; a workload needs no more than its name. */
function nameOf(kind: ContainerKind, name: string): string {
  return kind === "workload" ? name : `${kind}/${name}`;
}
