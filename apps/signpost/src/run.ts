import { EXIT } from "@ballast/errors";
import { hasBootEverSucceeded } from "@ballast/gpt";
import type { ProgramContext } from "@ballast/service";
import type { ReadCommand, WriteCommand } from "./cli.ts";
import { commit } from "./commit.ts";
import { openDisk } from "./disk-file.ts";
import { loadTable, type Table } from "./load-table.ts";
import { lockPath, withLock } from "./lock.ts";
import { planCommand, type Plan } from "./plan.ts";
import type { Places } from "./places.ts";
import { readWholeRoot } from "./read-root.ts";
import { describeReport, formatFlags } from "./report.ts";
import { requireResettingSelector } from "./selector-version.ts";
import { formatStatus, statusOf } from "./status.ts";
import { findTarget, requireActive, type Target } from "./target.ts";

export type RunContext = Pick<ProgramContext, "stdout" | "log" | "signal"> & {
  /** For the UUIDs of a cleared slot. */
  readonly randomUuid: () => string;
};

/** Prints what the table says; never writes. */
export async function runReader(
  context: RunContext,
  command: ReadCommand,
  places: Places,
): Promise<number> {
  const target = findTarget(command.disk, places, context.log);
  using disk = openDisk(target.path, "read", places.sys);
  const table = loadTable(disk);
  await context.stdout(describe(command, target, table));
  return EXIT.ok;
}

function describe(command: ReadCommand, target: Target, table: Table): string {
  // The same word is JSON too.
  if (command.do === "has-boot-ever-succeeded")
    return `${hasBootEverSucceeded(table.gpt.entries)}\n`;
  const status = statusOf(target.path, table, target.activeOf(table));
  return command.json ? `${JSON.stringify(status)}\n` : formatStatus(status);
}

/** Plans without a lock first, so that a second run neither locks nor writes; then under the lock, and writes. */
export async function runWriter(
  context: RunContext,
  command: WriteCommand,
  places: Places,
): Promise<number> {
  const target = findTarget(command.disk, places, context.log);
  if (command.do === "request-reset" && target.isMachine) requireResettingSelector(places);
  const first = planOn(target, context, command, places);
  const isDone = first.writes.length === 0 || command.dryRun;
  if (!isDone && command.do === "mark-successful-boot" && target.isMachine && isFirstMark(first))
    await readWholeRoot(places, context);
  const plan = isDone ? first : write(target, context, command, places);
  const report = { disk: target.path, plan, isDryRun: command.dryRun };
  await context.stdout(describeReport(report, command.json));
  return EXIT.ok;
}

/** Of an unproven slot. */
function isFirstMark({ before, after }: Plan): boolean {
  return (["A", "B"] as const).some(
    (name) => !before[name].flags.successful && after[name].flags.successful,
  );
}

function planOn(target: Target, context: RunContext, command: WriteCommand, places: Places): Plan {
  using disk = openDisk(target.path, "read", places.sys);
  return planTable(target, context, command, loadTable(disk));
}

/** Reads again under the lock: what was seen before may have been changed by another signpost since. */
function write(target: Target, context: RunContext, command: WriteCommand, places: Places): Plan {
  const done = withLock(lockPath(target.path, places, target.isMachine), () => {
    using disk = openDisk(target.path, "write", places.sys);
    const fresh = planTable(target, context, command, loadTable(disk));
    commit(disk, fresh.writes);
    return fresh;
  });
  for (const { copy, fault } of done.repairs)
    context.log.warn("Repaired copy of partition table", { disk: target.path, copy, fault });
  context.log.notice("Changed partition table", {
    disk: target.path,
    command: command.do,
    slot_a: formatFlags(done.after.A.flags),
    slot_b: formatFlags(done.after.B.flags),
  });
  return done;
}

function planTable(target: Target, context: RunContext, command: WriteCommand, table: Table): Plan {
  // On the machine a conflict forbids every write, also one that needs no active slot.
  const active = target.isMachine ? requireActive(target, table, context.log) : undefined;
  return planCommand(command.do, table, () => active ?? requireActive(target, table, context.log), {
    rootHash: command.rootHash,
    resetParts: command.resetParts,
    randomUuid: context.randomUuid,
  });
}
