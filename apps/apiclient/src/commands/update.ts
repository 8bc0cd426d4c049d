import {
  act,
  getUpdatePlan,
  getUpdatesStatus,
  refreshUpdates,
  safeText,
  switchUpdate,
  type ApiClient,
} from "@ballast/api-client";
import { EXIT } from "@ballast/errors";
import type { UpdatesStatus } from "@ballast/model";
import type { ProgramContext } from "@ballast/service";
import type { UpdateCommand } from "../update-command.ts";
import { runInhibit } from "./inhibit.ts";
import { doneText, runApply } from "../updates/apply.ts";
import { follow, lastRun } from "../updates/follow.ts";
import { planLines } from "../updates/plan-text.ts";
import { createProgressLine, NO_PROGRESS_LINE } from "../updates/progress-line.ts";
import { statusLines } from "../updates/status-text.ts";

export async function runUpdate(
  context: ProgramContext,
  client: ApiClient,
  command: UpdateCommand,
): Promise<number> {
  const { stdout, signal } = context;
  const tell = async (value: unknown, lines: readonly string[]): Promise<void> =>
    stdout(
      command.json
        ? `${JSON.stringify(value)}\n`
        : lines.map((line) => `${safeText(line)}\n`).join(""),
    );
  const tellStatus = (status: UpdatesStatus): Promise<void> => tell(status, statusLines(status));
  switch (command.verb) {
    case "check": {
      const request = command.ignoreWaves ? { ignore_waves: true } : {};
      await tellStatus(await refreshUpdates(client, request, { signal }));
      return EXIT.ok;
    }
    case "plan": {
      const plan = await getUpdatePlan(client, command.request, { signal });
      await tell(plan, planLines(plan));
      return plan.obstacles.length === 0 ? EXIT.ok : EXIT.failed;
    }
    case "apply":
      return runApply(context, client, command);
    case "activate": {
      const status = await switchUpdate(client, "activate", { signal });
      if (command.reboot) await act(client, "reboot", { signal });
      await tell(status, [doneText(status, command.reboot).trimEnd()]);
      return EXIT.ok;
    }
    case "inhibit":
    case "release":
      return runInhibit(context, client, command);
    case "cancel":
      await tellStatus(await switchUpdate(client, "deactivate", { signal }));
      return EXIT.ok;
    case "status":
      break;
  }
  const status = await getUpdatesStatus(client, { signal });
  if (!command.watch || status.progress === null) {
    await tellStatus(status);
    return EXIT.ok;
  }
  const line = command.json ? NO_PROGRESS_LINE : createProgressLine(context);
  await tellStatus(await follow(context, client, line, lastRun(status)));
  return EXIT.ok;
}
