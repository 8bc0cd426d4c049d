import { getContainers, safeText, type ApiClient } from "@ballast/api-client";
import { EXIT } from "@ballast/errors";
import type { ContainerKind, WorkloadList, WorkloadStatus } from "@ballast/model";
import type { ProgramContext } from "@ballast/service";
import { columns, inSeconds } from "../text-layout.ts";

/** Of `sha256:` and 64 digits; the JSON has all. */
const DIGEST_LENGTH = 19;

export async function runContainers(
  context: ProgramContext,
  client: ApiClient,
  { json }: { readonly json: boolean },
): Promise<number> {
  const list = await getContainers(client, { signal: context.signal });
  await context.stdout(json ? `${JSON.stringify(list)}\n` : formatContainers(list));
  return EXIT.ok;
}

function formatContainers(list: WorkloadList): string {
  if (list.length === 0) return "No containers\n";
  const head = ["NAME", "STATE", "HEALTH", "SINCE", "RESTARTS", "EXIT", "DIGEST", "IMAGE"];
  const table = columns([head, ...list.map(rowOf)]);
  const reasons = list.flatMap((one) =>
    reasonsOf(one).map((reason) => `${nameOf(one.kind, one.name)}: ${reason}`),
  );
  return [...table, ...reasons].map((line) => `${safeText(line)}\n`).join("");
}

function reasonsOf({ reason, next_try: next, health, ...one }: WorkloadStatus): string[] {
  const again = next === null ? "" : ` (again at ${inSeconds(next)})`;
  return [
    ...(reason === null ? [] : [`${reason}${again}`]),
    ...(one.health_reason === null ? [] : [`${health}: ${one.health_reason}`]),
  ];
}

function rowOf({ name, kind, state, since, restarts, exit_code: exit, ...one }: WorkloadStatus) {
  return [
    nameOf(kind, name),
    state,
    one.health === "none" ? "-" : one.health,
    since === null ? "-" : inSeconds(since),
    String(restarts),
    exit === null ? "-" : String(exit),
    one.digest === null ? "-" : one.digest.slice(0, DIGEST_LENGTH),
    one.image ?? "-",
  ];
}

/** As commands take it; a workload needs no more than its name. */
function nameOf(kind: ContainerKind, name: string): string {
  return kind === "workload" ? name : `${kind}/${name}`;
}
