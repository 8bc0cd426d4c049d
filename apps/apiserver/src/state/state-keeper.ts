import type { StateStorage } from "@ballast/model";
import type { Exec, Fs } from "@ballast/system";
import * as z from "zod";
import { runSignpost } from "../slots/signpost-unit.ts";
import { readStateStorage } from "./state-storage.ts";

/** STATE, the partition: what became of it in this boot, and whether it is made anew at the next. */
export interface StateKeeper {
  storage(): Promise<StateStorage>;
  /** Rejects with signpost's own refusal. */
  requestReset(data: boolean): Promise<void>;
  cancelReset(): Promise<void>;
}

/** As far as it matters here. */
const ResetAnswer = z.object({ reset_due: z.object({ data: z.boolean() }) });

export function createStateKeeper(parts: { readonly fs: Fs; readonly exec: Exec }): StateKeeper {
  const run = async (command: string): Promise<void> => {
    await runSignpost(parts, command, ResetAnswer);
  };
  return {
    storage: () => readStateStorage(parts.fs),
    requestReset: (data) => run(data ? "request-reset-data" : "request-reset"),
    cancelReset: () => run("cancel-reset"),
  };
}
