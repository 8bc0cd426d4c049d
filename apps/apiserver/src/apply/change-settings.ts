import { randomUUID } from "node:crypto";
import { describeError } from "@ballast/errors";
import { apiKey, type CommitReport, type ServiceReport } from "@ballast/model";
import type { App } from "../app.ts";
import { SELF } from "./tries.ts";

export interface ChangeOptions {
  readonly tx: string;
  readonly who: string;
  readonly ifMatch: string | undefined;
  /** Puts the former settings back if a service of the commit cannot be applied. */
  readonly rollbackOnFailure: boolean;
  /** Puts them back unless the commit is confirmed in this time, which begins when everything is applied. */
  readonly trySeconds: number | undefined;
}

type Parts = Pick<App, "store" | "applier" | "boot" | "tries" | "statusChanged">;

/** Commits a transaction and applies what changed. To be called while the lock is held. */
export async function changeSettings(app: Parts, options: ChangeOptions): Promise<CommitReport> {
  const { tx, who, ifMatch, rollbackOnFailure, trySeconds } = options;
  // While it may still be taken back it waits in the database: so it is taken back even if this process ends here.
  const token = rollbackOnFailure || trySeconds !== undefined ? randomUUID() : undefined;
  const keys = app.store.commit(tx, {
    who,
    source: "api",
    ...(ifMatch === undefined ? {} : { ifMatch }),
    ...(token === undefined ? {} : { attempt: token }),
  });
  const changed = keys.map(apiKey);
  const isWaiting = token !== undefined && keys.length > 0;
  const rolledBack = rollbackOnFailure ? { rolled_back: false } : {};
  let services: ServiceReport[];
  try {
    services = await applyKeys(app, keys);
  } catch (error) {
    // Nothing would ever end its waiting.
    if (isWaiting) await app.tries.takeBack(token, SELF, `Not applied: ${describeError(error)}`);
    throw error;
  }
  if (!isWaiting) return { changed, services, ...rolledBack };
  const failed = services.filter(({ status }) => status === "failed").map(({ name }) => name);
  if (rollbackOnFailure && failed.length > 0) {
    const note = `Not applied: ${failed.join(", ")}`;
    const rollback = [...(await app.tries.takeBack(token, SELF, note)).services];
    return { changed, services, rolled_back: true, rollback };
  }
  if (trySeconds !== undefined)
    return { changed, services, ...rolledBack, try: app.tries.begin(token, trySeconds) };
  app.tries.confirm(token);
  return { changed, services, ...rolledBack };
}

/** Brings the services of these keys (all without) up to date and keeps the report. */
export async function applyKeys(
  app: Pick<App, "applier" | "boot" | "statusChanged">,
  keys: readonly string[] | undefined,
  force = false,
): Promise<ServiceReport[]> {
  const services = await app.applier.apply(keys, { force });
  await app.boot.report(services);
  app.statusChanged();
  return services;
}
