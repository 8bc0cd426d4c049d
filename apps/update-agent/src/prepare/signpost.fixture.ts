import { readFile, rename, writeFile } from "node:fs/promises";
import {
  clearInactive,
  markInactiveValid,
  otherSlot,
  type FlagsBySlot,
  type SlotName,
  type Transition,
} from "@ballast/gpt";
import type { Exec } from "@ballast/system";

/** A partition table in a file of its own: flags and root hashes, changed by the rules of the real one. */
export interface TestTable {
  readonly flags: FlagsBySlot;
  readonly rootHashes: Readonly<Record<SlotName, string>>;
}

export const ACTIVE = "A";
const OTHER = otherSlot(ACTIVE);
/** What a cleared slot is called; no release has it. */
const CLEARED = "c".repeat(64);

export async function readTable(path: string): Promise<TestTable> {
  const table: TestTable = JSON.parse(await readFile(path, "utf8"));
  return table;
}

/** As a whole or not at all, like the real one. */
export async function writeTable(path: string, table: TestTable): Promise<void> {
  await writeFile(`${path}.tmp`, JSON.stringify(table));
  await rename(`${path}.tmp`, path);
}

/** `signpost` on such a file; `before` and `after` see each command that writes. */
export function signpostOn(
  path: string,
  before: (command: string) => Promise<void> = async () => undefined,
  after: (command: string) => Promise<void> = async () => undefined,
): Exec {
  return {
    run: async ({ args }) => {
      const [command = "", ...rest] = args;
      await before(command);
      try {
        await writeTable(path, change(await readTable(path), command, rest));
      } catch (error) {
        const message = error instanceof Error ? error.message : "";
        const answer = { error: { code: "gpt.refused", message, hint: null } };
        return { exitCode: 1, stdout: JSON.stringify(answer), stderr: "" };
      }
      await after(command);
      return { exitCode: 0, stdout: "{}", stderr: "" };
    },
    stream: () => {
      throw new Error("signpost is not streamed");
    },
  };
}

function change(table: TestTable, command: string, args: readonly string[]): TestTable {
  const { flags, rootHashes } = table;
  const apply = (transition: Transition) => transition(flags, ACTIVE);
  const named = (rootHash: string) => ({ ...rootHashes, [OTHER]: rootHash });
  switch (command) {
    case "clear-inactive":
      return { flags: apply(clearInactive), rootHashes: named(CLEARED) };
    case "set-slot-uuids": {
      const rootHash = args[1] ?? "";
      if (rootHash === rootHashes[ACTIVE]) throw new Error("the running slot is called so");
      if (flags[OTHER].priority > 0 || flags[OTHER].successful)
        throw new Error("it is not cleared");
      return { flags, rootHashes: named(rootHash) };
    }
    case "mark-inactive-valid":
      return { flags: apply(markInactiveValid), rootHashes };
    default:
      throw new Error(`there is no command ${command}`);
  }
}
