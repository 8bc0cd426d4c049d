import type { ResetReport } from "@ballast/model";
import type { ApiClient, CallOptions } from "./client.ts";
import { recordOf, yesOrNo } from "./fields.ts";

/** The server has the partition table written by a program of its own. */
const RESET_TIMEOUT_MS = 2 * 60_000;

/** Restarts the machine and makes STATE anew, and DATA too if told. */
export async function resetMachine(
  client: ApiClient,
  data: boolean,
  options: Pick<CallOptions, "signal"> = {},
): Promise<ResetReport> {
  const call = { method: "POST", path: "/actions/reset", body: { data } } as const;
  const { body } = await client.request(call, { ...options, timeoutMs: RESET_TIMEOUT_MS });
  const report = recordOf(body, "reset report");
  return {
    data: yesOrNo(report["data"], "data"),
    rebooting: yesOrNo(report["rebooting"], "rebooting"),
  };
}
