import { isTable, joinKey } from "@ballast/model";
import { whyNarrower } from "./why-narrower.ts";

/** A place of the settings that no longer takes all that it took; `*` stands for any name of a map. */
export interface Narrowing {
  readonly segments: readonly string[];
  readonly reason: string;
}

/** Where `after` takes less than `before` did, both as `settingsShape` makes them. */
export function narrowings(
  before: unknown,
  after: unknown,
  segments: readonly string[] = [],
): Narrowing[] {
  const [was, is] = [kindOf(before), kindOf(after)];
  if (is === "nothing") return [{ segments, reason: "was removed" }];
  if (was !== is) return [{ segments, reason: `is a ${is} now, was a ${was}` }];
  if (!isTable(before) || !isTable(after)) return [];
  if (was === "map") {
    const names = whyNarrower(before["propertyNames"] ?? {}, after["propertyNames"] ?? true);
    return [
      ...(names === undefined ? [] : [{ segments, reason: `takes other names: ${names}` }]),
      ...narrowings(before["additionalProperties"], after["additionalProperties"], [
        ...segments,
        "*",
      ]),
    ];
  }
  if (was === "table") {
    const [fields, now] = [before["properties"], after["properties"]];
    if (!isTable(fields) || !isTable(now)) return [];
    return Object.entries(fields).flatMap(([name, field]) =>
      narrowings(field, Object.hasOwn(now, name) ? now[name] : undefined, [...segments, name]),
    );
  }
  const reason = whyNarrower(before, after);
  return reason === undefined ? [] : [{ segments, reason }];
}

function kindOf(shape: unknown): "nothing" | "table" | "map" | "setting" {
  if (!isTable(shape)) return "nothing";
  if (shape["type"] !== "object") return "setting";
  return isTable(shape["properties"]) ? "table" : "map";
}

export function placeName(segments: readonly string[]): string {
  return segments.map((name) => (name === "*" ? name : joinKey([name]))).join(".");
}
