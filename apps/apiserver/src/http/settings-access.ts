import type { Datastore } from "@ballast/datastore";
import { apiKey, roleIncludes, roleToWrite } from "@ballast/model";
import { ApiError } from "../api-error.ts";
import type { Caller } from "./route.ts";

/**
 * Refuses a client whose role does not allow to write one of these keys. Asked when wishes are staged and again when they
 * are committed: whoever commits a transaction answers for all that lies in it, whoever put it there.
 */
export function checkMayWrite(
  store: Pick<Datastore, "effective">,
  { role }: Caller,
  keys: readonly string[],
  act: string,
): void {
  if (role === "admin") return;
  const effective = store.effective();
  for (const inner of keys) {
    const needed = roleToWrite(inner, effective);
    if (roleIncludes(role, needed)) continue;
    const key = inner === "" ? "settings" : apiKey(inner);
    throw new ApiError(
      "apiserver.forbidden",
      `Cannot ${act}: "${key}" needs role ${needed}, the client has role ${role}`,
      { details: { key, role: needed } },
    );
  }
}
