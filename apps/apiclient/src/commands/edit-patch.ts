import { asRecord } from "@ballast/api-client";

/**
 * What makes `before` into `after`, as a patch: new values, and null for what is no longer there, value by value, because
 * a table cannot be taken away. Undefined if they are the same.
 */
export function editPatch(before: unknown, after: unknown): unknown {
  const [old, next] = [asRecord(before), asRecord(after)];
  if (next === undefined && after !== undefined)
    return JSON.stringify(before) === JSON.stringify(after) ? undefined : after;
  if (old === undefined && next === undefined) return before === undefined ? undefined : null;
  const patch: [string, unknown][] = [];
  const names = new Set([...Object.keys(old ?? {}), ...Object.keys(next ?? {})]);
  for (const name of names) {
    const inner = editPatch(own(old, name), own(next, name));
    if (inner !== undefined) patch.push([name, inner]);
  }
  // A new table that is empty is sent as it is: the machine says whether it can be.
  const isNew = old === undefined && before === undefined;
  return patch.length > 0 || isNew ? Object.fromEntries(patch) : undefined;
}

function own(table: Readonly<Record<string, unknown>> | undefined, name: string): unknown {
  return table !== undefined && Object.hasOwn(table, name) ? table[name] : undefined;
}
