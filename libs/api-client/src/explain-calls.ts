import type { SettingExplanation } from "@ballast/model";
import type { ApiClient, CallOptions } from "./client.ts";
import { listOf, oneOf, oneText, recordOf, textOrNull, textsOf, yesOrNo } from "./fields.ts";

const KINDS = ["setting", "table", "map"] as const;
const SOURCES = ["default", "generated", "user-data", "api"] as const;
const ROLES = ["reader", "operator", "admin"] as const;

/** What a key means on that machine, as the machine says it: it may know more than this client. The empty key has all groups. */
export async function explainSetting(
  client: ApiClient,
  key: string,
  options: Pick<CallOptions, "signal"> = {},
): Promise<unknown> {
  const query = key === "" ? {} : { key };
  const { body } = await client.request(
    { method: "GET", path: "/settings/explain", query },
    options,
  );
  return body;
}

export function parseExplanation(body: unknown): SettingExplanation {
  const told = recordOf(body, "explanation");
  return {
    ...parseState(told),
    type: oneText(told["type"], "type"),
    default: told["default"],
    required: yesOrNo(told["required"], "required"),
    example: told["example"],
    writes: textsOf(told["writes"], "writes"),
    restarts: textsOf(told["restarts"], "restarts"),
    reloads: textsOf(told["reloads"], "reloads"),
    reboot: yesOrNo(told["reboot"], "reboot"),
    effect: textOrNull(told["effect"], "effect"),
    members: textsOf(told["members"], "members"),
    role: oneOf(told["role"], ROLES, "role"),
    children: listOf(told["children"], "children").map((child) =>
      parseState(recordOf(child, "child")),
    ),
  };
}

function parseState(
  told: Readonly<Record<string, unknown>>,
): SettingExplanation["children"][number] {
  return {
    key: oneText(told["key"], "key"),
    kind: oneOf(told["kind"], KINDS, "kind"),
    secret: yesOrNo(told["secret"], "secret"),
    description: textOrNull(told["description"], "description"),
    value: told["value"],
    source: told["source"] === null ? null : oneOf(told["source"], SOURCES, "source"),
  };
}
