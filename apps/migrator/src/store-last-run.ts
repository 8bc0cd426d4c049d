import { createNodeFs } from "@ballast/system";
import type { LastRun } from "./last-run.ts";
import type { Places } from "./places.ts";

export async function storeLastRun({ lastRun }: Places, content: LastRun): Promise<void> {
  await createNodeFs().writeDurable(lastRun, `${JSON.stringify(content)}\n`, 0o600);
}
