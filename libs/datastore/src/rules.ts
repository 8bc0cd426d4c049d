import { checkRules } from "@ballast/model";
import { DatastoreError } from "./datastore-error.ts";

/** What groups demand of their values as a whole. */
export function refuseBrokenRules(effective: ReadonlyMap<string, unknown>): void {
  const issues = checkRules(effective);
  const [first] = issues;
  if (first === undefined) return;
  throw new DatastoreError(
    "datastore.rule",
    `Cannot commit settings: "${first.key}" ${first.reason}`,
    { details: { issues } },
  );
}
