import { isDeepStrictEqual } from "node:util";
import * as z from "zod";
import { isTable } from "@ballast/model";
import type { JsonSchema } from "@ballast/model/reference";

/**
 * Why a schema does not take every value that an earlier one took; undefined if it surely does. Careful: what it cannot
 * compare counts as narrower.
 */
export function whyNarrower(before: unknown, after: unknown): string | undefined {
  if (isDeepStrictEqual(before, after) || after === true) return undefined;
  if (!isTable(before) || !isTable(after)) return "takes nothing any more";
  const { writeOnly: _, ...rules } = after;
  if (Object.keys(rules).length === 0) return undefined;
  const choices = choicesOf(before);
  if (choices !== undefined) return whyNotEach(choices, rules);
  if (Array.isArray(before["anyOf"]) && Object.keys(before).length === 1)
    return firstReason(before["anyOf"], (branch) => whyNarrower(branch, rules));
  if (Array.isArray(rules["allOf"])) {
    const { allOf: _all, ...rest } = rules;
    return firstReason([rest, ...rules["allOf"]], (part) => whyNarrower(before, part));
  }
  if (Array.isArray(before["allOf"])) {
    const { allOf: _all, ...rest } = before;
    // One part that is narrow enough makes the whole so.
    return oneWithout([rest, ...before["allOf"]], (part) => whyNarrower(part, rules));
  }
  if (Array.isArray(rules["anyOf"]) && Object.keys(rules).length === 1)
    return oneWithout(rules["anyOf"], (branch) => whyNarrower(before, branch));
  return whyNarrowerType(before, rules);
}

function whyNarrowerType(before: JsonSchema, after: JsonSchema): string | undefined {
  const [was, is] = [before["type"], after["type"]];
  const isWider = is === undefined || is === was || (is === "number" && was === "integer");
  if (!isWider) return `is ${words(is)}, was ${words(was)}`;
  return firstReason(Object.keys(after), (rule) => whyNarrowerRule(rule, before, after));
}

function words(part: unknown): string {
  return typeof part === "string" || typeof part === "number" ? String(part) : "any";
}

function whyNarrowerRule(rule: string, before: JsonSchema, after: JsonSchema): string | undefined {
  const [was, is] = [before[rule], after[rule]];
  // What "others" are depends on the fields that have names.
  if (rule !== "additionalProperties" && isDeepStrictEqual(was, is)) return undefined;
  switch (rule) {
    case "type":
      return undefined;
    case "minimum":
    case "exclusiveMinimum":
    case "minLength":
    case "minItems":
      return typeof was === "number" && typeof is === "number" && is <= was
        ? undefined
        : boundReason(rule, was, is);
    case "maximum":
    case "exclusiveMaximum":
    case "maxLength":
    case "maxItems":
      return typeof was === "number" && typeof is === "number" && is >= was
        ? undefined
        : boundReason(rule, was, is);
    case "items":
      if (Array.isArray(was) || Array.isArray(is))
        return "has a rule that cannot be compared (items)";
      return within("in the list", whyNarrower(was ?? {}, is));
    case "properties":
      return whyNarrowerFields(before, after);
    case "required":
      return whyMoreRequired(was, is);
    case "additionalProperties":
      return whyNarrowerOthers(before, after);
    case "enum":
    case "const":
      return "takes a fixed choice of values only";
    case "pattern":
    case "x-pattern":
      return "has another pattern";
    default:
      return `has a rule that cannot be compared (${rule})`;
  }
}

function boundReason(rule: string, was: unknown, is: unknown): string {
  return `has ${rule} ${words(is)}, had ${words(was)}`;
}

function whyNarrowerFields(before: JsonSchema, after: JsonSchema): string | undefined {
  const [was, is] = [tableOf(before["properties"]), tableOf(after["properties"])];
  const others = before["additionalProperties"] ?? {};
  return firstReason(Object.keys(is), (name) =>
    // A field that the older one does not name is one of its others.
    within(`in "${name}"`, whyNarrower(Object.hasOwn(was, name) ? was[name] : others, is[name])),
  );
}

function whyNarrowerOthers(before: JsonSchema, after: JsonSchema): string | undefined {
  const [was, is] = [tableOf(before["properties"]), tableOf(after["properties"])];
  const gone = Object.keys(was).filter((name) => !Object.hasOwn(is, name));
  const ofFields = firstReason(gone, (name) =>
    within(`in "${name}"`, whyNarrowerOrGone(was[name], after["additionalProperties"])),
  );
  const others = before["additionalProperties"] ?? {};
  return (
    ofFields ??
    (others === false
      ? undefined
      : within("in others", whyNarrowerOrGone(others, after["additionalProperties"])))
  );
}

function whyNarrowerOrGone(before: unknown, after: unknown): string | undefined {
  return after === false ? "was removed" : whyNarrower(before, after);
}

function whyMoreRequired(was: unknown, is: unknown): string | undefined {
  const before = Array.isArray(was) ? was : [];
  const added = Array.isArray(is) ? is.filter((name) => !before.includes(name)) : [];
  return added.length === 0 ? undefined : `must have "${added.join('", "')}"`;
}

function choicesOf({ const: one, enum: some }: JsonSchema): readonly unknown[] | undefined {
  if (one !== undefined) return [one];
  return Array.isArray(some) ? some : undefined;
}

function whyNotEach(choices: readonly unknown[], after: JsonSchema): string | undefined {
  if (JSON.stringify(after).includes('"x-pattern"')) return "has a pattern that cannot be compared";
  const schema = z.fromJSONSchema(after, { defaultTarget: "draft-7" });
  const refused = choices.filter((choice) => !schema.safeParse(choice).success);
  return refused.length === 0 ? undefined : `does not take ${JSON.stringify(refused)} any more`;
}

function firstReason<Item>(
  items: readonly Item[],
  why: (item: Item) => string | undefined,
): string | undefined {
  for (const item of items) {
    const reason = why(item);
    if (reason !== undefined) return reason;
  }
  return undefined;
}

function oneWithout<Item>(
  items: readonly Item[],
  why: (item: Item) => string | undefined,
): string | undefined {
  const reasons = items.map(why);
  return reasons.includes(undefined) ? undefined : reasons[0];
}

function within(place: string, reason: string | undefined): string | undefined {
  return reason === undefined ? undefined : `${place}: ${reason}`;
}

function tableOf(value: unknown): Record<string, unknown> {
  return isTable(value) ? value : {};
}
