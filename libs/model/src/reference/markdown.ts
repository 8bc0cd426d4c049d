import type { Explanation } from "../api/explanation.ts";
import { MODEL } from "../schema.ts";
import type { SettingsModel } from "../settings-model.ts";
import { explainPlace } from "./explain-place.ts";
import { listPlaces } from "./list-places.ts";
import { nameWords } from "./type-words.ts";
import { tomlValue } from "../formats/toml.ts";

/** What stands before the groups: where the page comes from, and how it is read. */
const INTRODUCTION = `<!-- Made by \`npm run docs\` from the schemas in libs/model; changes here are lost. -->
# Settings

Every setting of a machine: what it means, what it may be, and what a change of it touches. [Setting up a
machine](../guides/settings.md) tells how settings get there; [typed configuration](../guides/typed-configuration.md)
writes them in TypeScript.

- A key is written as here, with or without \`settings.\` before it: \`apiclient set network.hostname=harbour-7\`. In user
  data, TOML, all keys lie in the table \`settings\`.
- \`<name>\` stands for a name that you choose. A name of other characters than letters, digits, \`_\` and \`-\` is put in
  double quotes.
- *Must be set* holds for an entry that exists: a commit that leaves it out is refused.
- A setting without a default has no value until it is set. Unset, every setting goes back to its default.
- A **secret** can be written and never read again.
- Files lie below \`/run/ballast/etc\`. Where neither files nor units are named, the sentence under *a change* says when it
  is taken up.
- Editors check and complete user data that begins with a line \`#:schema\` and the place of
  [settings.schema.json](settings.schema.json).
`;

/** The reference of all settings as a page of Markdown. */
export function settingsMarkdown(model: SettingsModel = MODEL): string {
  const groups = model.groups.map(([path]) => path).toSorted();
  const sections = groups.map((path) => groupSection(path, model));
  const index = groups.map((path) => `- [\`${path}\`](#${anchor(path)})`);
  return `${[INTRODUCTION.trimEnd(), index.join("\n"), ...sections].join("\n\n")}\n`;
}

function groupSection(path: string, model: SettingsModel): string {
  const parts = listPlaces(model, path).map((place, index) => {
    const explanation = explainPlace(place, model);
    const names = place.node.kind === "map" ? nameWords(place.node.name) : "";
    // A table has a part of its own only if there is something to say of it; a group always has its heading.
    if (index > 0 && explanation.kind === "table" && explanation.description === null) return "";
    return keySection(index === 0 ? "##" : "###", explanation, names);
  });
  return parts.filter((part) => part !== "").join("\n\n");
}

function keySection(heading: string, explanation: Explanation, names: string): string {
  const { key, kind, description, secret } = explanation;
  const title = `${heading} \`${key}\``;
  if (kind === "table")
    return [title, ...(description === null ? [] : ["", description])].join("\n");
  const facts = [
    `- Type: ${explanation.type}`,
    ...(names === "" ? [] : [`- Names: ${names}`]),
    ...(explanation.default === null
      ? [explanation.required ? "- Must be set" : "- Default: none"]
      : [`- Default: ${code(explanation.default)}`]),
    ...(explanation.example === null ? [] : [`- Example: ${code(explanation.example)}`]),
    ...(secret ? ["- Secret"] : []),
    ...changeOf(explanation),
  ];
  const told = kind === "map" ? facts.filter((fact) => fact !== "- Default: none") : facts;
  return [title, "", ...(description === null ? [] : [description, ""]), ...told].join("\n");
}

function changeOf({ writes, restarts, reloads, reboot, effect, kind }: Explanation): string[] {
  if (kind === "map") return [];
  const parts = [
    ...(writes.length === 0 ? [] : [`writes ${listed(writes)}`]),
    ...(restarts.length === 0 ? [] : [`restarts ${listed(restarts)}`]),
    ...(reloads.length === 0 ? [] : [`reloads ${listed(reloads)}`]),
    ...(reboot ? ["holds after the next restart of the machine"] : []),
  ].join(", ");
  const sentences = [...(parts === "" ? [] : [`${parts}.`]), ...(effect === null ? [] : [effect])];
  return sentences.length === 0 ? [] : [`- A change: ${lowerFirst(sentences.join(" "))}`];
}

function listed(names: readonly string[]): string {
  return names.map((name) => `\`${name}\``).join(", ");
}

function lowerFirst(text: string): string {
  return text.replace(/^[A-Z](?=[a-z])/, (letter) => letter.toLowerCase());
}

/** A long text of many lines is shown by its first one: a reader needs to see what it is, not to copy it. */
function code(value: unknown): string {
  const text =
    typeof value === "string" && value.includes("\n") ? `${value.split("\n", 1)[0]}\n…` : value;
  const toml = tomlValue(text);
  return toml.includes("`") ? `\`\` ${toml} \`\`` : `\`${toml}\``;
}

/** The address of a heading on the page, as the usual renderers make it. */
function anchor(path: string): string {
  return path.replaceAll(/[^a-z0-9_-]/g, "");
}
