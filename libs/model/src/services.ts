import { groupValue } from "./effective.ts";
import { isBelow, type FlatSettings } from "./keys.ts";
import { MODEL } from "./schema.ts";
import type { GroupService } from "./settings-group.ts";

/** A service together with the group it belongs to. */
export interface SettingsService {
  readonly group: string;
  readonly service: GroupService<unknown>;
}

/** A file below `/run/ballast/etc`. */
export interface RenderedFile {
  readonly path: string;
  readonly mode: number;
  readonly text: string;
}

/** Every service, in the order in which they are applied. */
export const SERVICES: readonly SettingsService[] = MODEL.groups.flatMap(([group, definition]) =>
  definition.services.map((service) => ({ group, service })),
);

/** The services that must be brought up to date when these keys changed; a group or an entry stands for its settings. */
export function affectedServices(changedKeys: Iterable<string>): SettingsService[] {
  const changed = [...changedKeys];
  return SERVICES.filter((entry) =>
    prefixes(entry).some((prefix) =>
      changed.some((key) => isBelow(key, prefix) || isBelow(prefix, key)),
    ),
  );
}

/** Paths of the files that can change with these keys. */
export function affectedFiles(changedKeys: Iterable<string>): string[] {
  return affectedServices(changedKeys).flatMap(({ service }) =>
    service.files.map((file) => file.path),
  );
}

/** All files of a service for these effective values. */
export function renderService(entry: SettingsService, effective: FlatSettings): RenderedFile[] {
  const value = groupValue(entry.group, effective);
  return entry.service.files.map((file) => ({
    path: file.path,
    mode: file.mode,
    text: file.render(value),
  }));
}

function prefixes({ group, service }: SettingsService): string[] {
  return service.keys === undefined ? [group] : service.keys.map((key) => `${group}.${key}`);
}
