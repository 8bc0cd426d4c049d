import { rollback, type ApiClient } from "@ballast/api-client";
import { EXIT } from "@ballast/errors";
import type { ProgramContext } from "@ballast/service";

interface RollbackCommand {
  readonly reboot: boolean;
  readonly json: boolean;
}

export async function runRollback(
  { stdout, signal }: ProgramContext,
  client: ApiClient,
  { reboot, json }: RollbackCommand,
): Promise<number> {
  const report = await rollback(client, reboot, { signal });
  const what = report.rebooting ? "the machine restarts now" : "restart it with apiclient reboot";
  await stdout(json ? `${JSON.stringify(report)}\n` : `Slot ${report.next} boots next: ${what}\n`);
  return EXIT.ok;
}
