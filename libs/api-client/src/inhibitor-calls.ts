import type { InhibitorList, InhibitorRequest } from "@ballast/model";
import type { ApiClient, CallOptions } from "./client.ts";
import { listOf, oneText, recordOf } from "./fields.ts";

type Options = Pick<CallOptions, "signal" | "timeoutMs">;

const PATH = "/updates/inhibitors";

/** Who asks now that the machine does not restart by itself. */
export async function getInhibitors(
  client: ApiClient,
  options: Options = {},
): Promise<InhibitorList> {
  const { body } = await client.request({ method: "GET", path: PATH }, options);
  return listOf(body, "inhibitors").map((item) => {
    const one = recordOf(item, "inhibitor");
    return {
      who: oneText(one["who"], "who"),
      why: oneText(one["why"], "why"),
      until: oneText(one["until"], "until"),
    };
  });
}

export async function putInhibitor(
  client: ApiClient,
  name: string,
  request: InhibitorRequest,
  options: Options = {},
): Promise<void> {
  await client.request({ method: "PUT", path: PATH, query: { name }, body: request }, options);
}

export async function releaseInhibitor(
  client: ApiClient,
  name: string,
  options: Options = {},
): Promise<void> {
  await client.request({ method: "DELETE", path: PATH, query: { name } }, options);
}
