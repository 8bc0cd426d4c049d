import { EXIT } from "@ballast/errors";
import type { SlotName } from "@ballast/gpt";
import type { ProgramContext } from "@ballast/service";
import type { MarkCommand, StatusCommand } from "./cli.ts";
import { commit } from "./commit.ts";
import { openDisk } from "./disk-file.ts";
import { SignpostError } from "./errors.ts";
import { loadTable, type Table } from "./load-table.ts";
import { lockPath, withLock } from "./lock.ts";
import { readMachine } from "./machine.ts";
import { decideActive, planMark, type MarkPlan } from "./plan.ts";
import type { Places } from "./places.ts";
import { describeMark, type MarkReport } from "./mark-report.ts";
import { formatStatus, statusOf } from "./status.ts";

type Context = Pick<ProgramContext, "stdout" | "log">;

/** Prints the slots; never writes. */
export async function showStatus(
  context: Context,
  command: StatusCommand,
  places: Places,
): Promise<number> {
  const machine = command.device === undefined ? readMachine(places) : undefined;
  using disk = openDisk(machine?.diskPath ?? command.device ?? "", "read", places.sys);
  const table = loadTable(disk);
  const active = machine === undefined ? null : decideActive(table.slots, machine);
  const status = statusOf(disk.path, table, active);
  await context.stdout(command.json ? `${JSON.stringify(status)}\n` : formatStatus(status));
  return EXIT.ok;
}

/** Marks a slot successful. Looks without a lock first, so that a second run neither locks nor writes. */
export async function markSuccessfulBoot(
  context: Context,
  command: MarkCommand,
  places: Places,
): Promise<number> {
  const target = command.target ?? machineTarget(context, places);
  const first = planOn(target, places);
  const plan =
    first.writes.length === 0 || command.dryRun ? first : writeMark(target, places, context);
  const report: MarkReport = { disk: target.device, plan, isDryRun: command.dryRun };
  await context.stdout(describeMark(report, command.json));
  return EXIT.ok;
}

interface Target {
  readonly device: string;
  /** Decides on the table as it is now; throws if the slot is not certain. */
  readonly slot: SlotName | ((table: Table) => SlotName);
}

function machineTarget({ log }: Context, places: Places): Target {
  const machine = readMachine(places);
  return {
    device: machine.diskPath,
    slot: ({ slots }) => {
      const active = decideActive(slots, machine);
      if ("conflict" in active)
        throw new SignpostError(
          "signpost.active-slot-conflict",
          `Cannot mark the active slot of "${machine.diskPath}": ${active.conflict}`,
          { hint: "Nothing was written. Is a second disk with a copy of this system attached?" },
        );
      if (!active.isConfirmed)
        log.warn(
          "Active slot is known from the kernel alone, no selector set LoaderDevicePartUUID",
        );
      return active.slot;
    },
  };
}

function planOn(target: Target, places: Places): MarkPlan {
  using disk = openDisk(target.device, "read", places.sys);
  const table = loadTable(disk);
  return planMark(table, slotOf(target, table));
}

/** Reads again under the lock: what was seen before may have been changed by another signpost since. */
function writeMark(target: Target, places: Places, { log }: Context): MarkPlan {
  const path = lockPath(target.device, places, typeof target.slot === "function");
  const plan = withLock(path, () => {
    using disk = openDisk(target.device, "write", places.sys);
    const table = loadTable(disk);
    const fresh = planMark(table, slotOf(target, table));
    commit(disk, fresh.writes);
    return fresh;
  });
  for (const { copy, fault } of plan.repairs)
    log.warn("Repaired copy of partition table", { disk: target.device, copy, fault });
  log.notice("Marked slot successful", { disk: target.device, slot: plan.slot });
  return plan;
}

function slotOf({ slot }: Target, table: Table): SlotName {
  return typeof slot === "function" ? slot(table) : slot;
}
