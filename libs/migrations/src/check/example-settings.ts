import { explainKey, joinKey, type FlatSettings } from "@ballast/model";
import { PRODUCT_SCHEMA } from "../product-schema.ts";

/** Some name of each kind of map is among these. */
const NAMES = [
  "web",
  "loglevel",
  "systemd.log_level",
  "chown",
  "max-open-files",
  "docker.io",
  "10.0.0.0/8",
  "80",
];
const SECRET = "not-a-secret-but-the-example-of-one";

/** A value for every setting that has an example or a default which its schema takes; maps have one entry. */
export function exampleSettings(): FlatSettings {
  const candidates = new Map(examplesBelow(""));
  const refused = PRODUCT_SCHEMA.refused(candidates);
  return new Map([...candidates].filter(([key]) => !refused.has(key)));
}

function examplesBelow(key: string): [string, unknown][] {
  const explained = explainKey(key);
  if (!explained.found) return [];
  const { kind, members, example, secret, default: preset } = explained.explanation;
  if (kind === "setting") return [[key, example ?? preset ?? (secret ? SECRET : null)]];
  const names =
    kind === "map"
      ? NAMES.filter((name) => explainKey(below(key, name)).found).slice(0, 1)
      : members;
  return names.flatMap((name) => examplesBelow(below(key, name)));
}

function below(key: string, name: string): string {
  return key === "" ? joinKey([name]) : `${key}.${joinKey([name])}`;
}
