import type { Explanation } from "../api/explanation.ts";
import { isBelow } from "../keys.ts";
import { prefixes } from "../services.ts";
import type { GroupService, SettingsGroup } from "../settings-group.ts";
import type { SettingsModel } from "../settings-model.ts";

type ChangeEffects = Pick<Explanation, "writes" | "restarts" | "reloads" | "reboot" | "effect">;

/** What a change at this key touches: of all services that it, or a part of it, concerns. */
export function changeEffects(key: string, model: SettingsModel): ChangeEffects {
  const meets = (prefix: string): boolean => isBelow(key, prefix) || isBelow(prefix, key);
  const services = model.groups.flatMap(([group, { services: all }]) =>
    all.filter((service) => prefixes({ group, service }, model).some(meets)),
  );
  const groups = model.groups.filter(([path]) => meets(path)).map(([, group]) => group);
  return {
    writes: unique(services.flatMap(writtenBy)),
    restarts: unique(services.flatMap(({ units, verb }) => (verb === "reload" ? [] : units))),
    reloads: unique(services.flatMap(({ units, verb }) => (verb === "reload" ? units : []))),
    reboot: services.some(({ reboot }) => reboot === true),
    effect: effectOf(groups, services),
  };
}

function writtenBy(service: GroupService<unknown>): string[] {
  const { files, fileSets = [], composedFiles = [] } = service;
  return [
    ...files.map(({ path }) => path),
    ...composedFiles.map(({ path }) => path),
    ...fileSets.map(({ directory }) => `${directory}/`),
  ];
}

/** A group that no service stands behind, and that does not say otherwise, waits for its program. */
function effectOf(
  groups: readonly SettingsGroup[],
  services: readonly GroupService<unknown>[],
): string | null {
  const told = unique(groups.flatMap(({ effect }) => effect ?? []));
  if (told.length > 0) return told.join(" ");
  return services.length === 0 ? "Takes effect with a later version." : null;
}

function unique(texts: readonly string[]): string[] {
  return [...new Set(texts)];
}
