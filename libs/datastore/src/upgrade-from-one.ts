import type { DatabaseSync } from "node:sqlite";
import * as z from "zod";
import { isSecret } from "@ballast/model";
import type { RecordedChange } from "./stored.ts";

const ChangesOfOne = z.array(
  z.strictObject({
    key: z.string(),
    action: z.enum(["set", "unset"]),
    value: z.unknown().optional(),
  }),
);

/**
 * Layout 1 kept only new values. What a commit replaced is what an earlier one of the history had set; before a history
 * that is complete there was nothing. What cannot be known stays unknown.
 */
export function upgradeFromOne(database: DatabaseSync): void {
  const rows = database.prepare("SELECT id, changes FROM history ORDER BY id").all();
  const put = database.prepare("UPDATE history SET changes = ? WHERE id = ?");
  let isComplete = rows[0]?.["id"] === 1;
  const known = new Map<string, unknown>();
  for (const row of rows) {
    // A commit that cannot be read must not keep the machine from its settings.
    const read = ChangesOfOne.safeParse(parseJson(String(row["changes"])));
    const recorded: RecordedChange[] = (read.data ?? []).map(({ key, action, value }) => {
      if (isSecret(key) || (action === "set" && value === undefined))
        return { key, action, secret: true };
      const hasOld = isComplete || known.has(key);
      const old = hasOld ? { old: known.get(key) ?? null } : {};
      return { key, action, ...(action === "set" ? { value } : {}), ...old };
    });
    if (!read.success) isComplete = false;
    for (const { key, value } of recorded) known.set(key, value ?? null);
    put.run(JSON.stringify(recorded), row["id"] ?? null);
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
