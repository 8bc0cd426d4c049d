import { explainSetting, parseExplanation, safeText, type ApiClient } from "@ballast/api-client";
import { EXIT } from "@ballast/errors";
import type { SettingExplanation } from "@ballast/model";
import type { ProgramContext } from "@ballast/service";
import { createPaint, type Paint } from "../paint.ts";
import { shorten, TEXT_WIDTH, wrap } from "../text-layout.ts";

interface ExplainCommand {
  readonly key: string;
  readonly json: boolean;
}

type Child = SettingExplanation["children"][number];

const SOURCES = {
  default: "by default",
  generated: "made by the machine",
  "user-data": "from user data",
  api: "set by the API",
} as const;
/** A value beside others; the whole one is shown by `get`. */
const VALUE_WIDTH = 200;
const CHILD_VALUE_WIDTH = 40;
const ROLES = { reader: "reader, operator, admin", operator: "operator, admin", admin: "admin" };

export async function runExplain(
  context: ProgramContext,
  client: ApiClient,
  { key, json }: ExplainCommand,
): Promise<number> {
  const answer = await explainSetting(client, key, { signal: context.signal });
  await context.stdout(
    json
      ? `${JSON.stringify(answer)}\n`
      : explanationText(parseExplanation(answer), createPaint(context)),
  );
  return EXIT.ok;
}

/** For people. What the machine says is made harmless before it is coloured. */
export function explanationText(told: SettingExplanation, paint: Paint): string {
  const lines = told.key === "" ? groupLines(told.children, paint) : keyLines(told, paint);
  return lines.map((line) => `${line}\n`).join("");
}

function groupLines(groups: readonly Child[], paint: Paint): string[] {
  const width = Math.max(...groups.map(({ key }) => key.length));
  return groups.map(({ key, description }) => {
    const [clause = ""] = safeText(description ?? "").split("; ", 1);
    const words = shorten(clause, TEXT_WIDTH - width - 2);
    return `${paint("strong", safeText(key).padEnd(width))}  ${words}`.trimEnd();
  });
}

function keyLines(told: SettingExplanation, paint: Paint): string[] {
  const { key, description, children } = told;
  const facts = factsOf(told);
  const width = Math.max(...facts.map(([name]) => name.length));
  return [
    paint("strong", safeText(key)),
    ...(description === null ? [] : wrap(safeText(description), TEXT_WIDTH)),
    "",
    ...facts.flatMap(([name, text]) =>
      wrap(safeText(text), TEXT_WIDTH - width - 2).map((line, index) =>
        `${paint("dim", (index === 0 ? name : "").padEnd(width))}  ${line}`.trimEnd(),
      ),
    ),
    ...(children.length === 0
      ? []
      : ["", ...children.flatMap((child) => childLines(child, paint))]),
  ];
}

function factsOf(told: SettingExplanation): (readonly [name: string, text: string])[] {
  const { kind, type, required, example, role, secret } = told;
  const isSetting = kind === "setting";
  return [
    ["Type", type],
    ...(isSetting ? [["Value", valueText(told, VALUE_WIDTH)] as const] : []),
    ...(secret ? [["Secret", "can be written and never read"] as const] : []),
    ...(isSetting || told.default !== null
      ? [["Default", defaultText(told.default, required)] as const]
      : []),
    ...(example === null ? [] : [["Example", inShort(example, VALUE_WIDTH)] as const]),
    ["Written by", ROLES[role]],
    ...changeTexts(told).map((text, index) => [index === 0 ? "A change" : "", text] as const),
  ];
}

function changeTexts(told: SettingExplanation): string[] {
  const { writes, restarts, reloads, reboot, effect } = told;
  const texts = [
    ...(writes.length === 0
      ? []
      : [`writes ${writes.map((path) => `/run/ballast/etc/${path}`).join(", ")}`]),
    ...(restarts.length === 0 ? [] : [`restarts ${restarts.join(", ")}`]),
    ...(reloads.length === 0 ? [] : [`reloads ${reloads.join(", ")}`]),
    ...(reboot ? ["holds after the next restart of the machine"] : []),
    ...(effect === null ? [] : [effect]),
  ];
  return texts.length === 0 ? ["touches nothing else"] : texts;
}

function childLines({ key, kind, description, ...state }: Child, paint: Paint): string[] {
  const isSet = state.source !== null && state.source !== "default";
  const more = kind === "setting" ? "" : kind === "map" ? ".<name>" : ".…";
  const value = kind === "setting" && isSet ? ` = ${valueText(state, CHILD_VALUE_WIDTH)}` : "";
  return [
    `  ${paint("strong", safeText(`${key}${more}`))}${safeText(value)}`,
    ...(description === null ? [] : wrap(safeText(description), TEXT_WIDTH - 6)).map(
      (line) => `      ${line}`,
    ),
  ];
}

function valueText(
  { secret, source, value }: Pick<Child, "secret" | "source" | "value">,
  width: number,
): string {
  if (source === null) return secret ? "not set" : "none";
  return `${secret ? "set, never shown" : inShort(value, width)} (${SOURCES[source]})`;
}

function defaultText(value: unknown, isRequired: boolean): string {
  if (value !== null) return inShort(value, VALUE_WIDTH);
  return isRequired ? "none, it must be set" : "none";
}

function inShort(value: unknown, width: number): string {
  return shorten(JSON.stringify(value) ?? "none", width);
}
