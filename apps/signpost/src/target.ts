import { describeError, EXIT } from "@ballast/errors";
import type { SlotName } from "@ballast/gpt";
import type { Log } from "@ballast/service";
import { decideActive, type ActiveSlot } from "./active-slot.ts";
import type { NamedDisk } from "./cli.ts";
import { SignpostError } from "./errors.ts";
import type { Table } from "./load-table.ts";
import { readMachine } from "./machine.ts";
import { readOtherDisks } from "./other-disks.ts";
import type { Places } from "./places.ts";

/** The disk that a command is about. */
export interface Target {
  readonly path: string;
  /** The disk that this machine runs from. */
  readonly isMachine: boolean;
  /** Decides on the table as it is now; null if the slot was not told. */
  activeOf(table: Table): ActiveSlot | null;
}

export function findTarget(named: NamedDisk | undefined, places: Places, log: Log): Target {
  if (named !== undefined) {
    const { device, slot } = named;
    const active = slot === undefined ? null : { slot, isConfirmed: true };
    return { path: device, isMachine: false, activeOf: () => active };
  }
  const machine = readMachine(places);
  const tell = (disk: string, error: unknown): void => {
    log.warn("Cannot tell whether disk carries the UUIDs of this system", {
      disk,
      reason: describeError(error),
    });
  };
  return {
    path: machine.diskPath,
    isMachine: true,
    activeOf: (table) =>
      decideActive(table, machine, readOtherDisks(places, machine.diskName, tell)),
  };
}

/** The active slot, for a command that writes; throws if it is not certain. */
export function requireActive(target: Target, table: Table, log: Log): SlotName {
  const active = target.activeOf(table);
  if (active === null)
    throw new SignpostError(
      "signpost.no-active-slot",
      `Cannot change the slots of "${target.path}": the active slot was not told`,
      { exitCode: EXIT.unavailable },
    );
  if ("conflict" in active)
    throw new SignpostError(
      "signpost.active-slot-conflict",
      `Cannot change the slots of "${target.path}": ${active.conflict}`,
      { hint: "Nothing was written. Is a second disk with a copy of this system attached?" },
    );
  if (!active.isConfirmed)
    log.warn("Active slot is known from the kernel alone, no selector set LoaderDevicePartUUID");
  return active.slot;
}
