import { groupValue } from "./effective.ts";
import { GENERATORS } from "./generators.ts";
import { isBelow, type FlatSettings } from "./keys.ts";
import { MODEL } from "./schema.ts";
import type { ComposedFile, GroupService, RenderInputs, SettingsGroup } from "./settings-group.ts";

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

/** Whether something of what these keys change is complete only after the next restart of the machine. */
export function needsReboot(
  changedKeys: Iterable<string>,
  before: FlatSettings,
  after: FlatSettings,
): boolean {
  return affectedServices(changedKeys).some(
    ({ group, service }) =>
      service.needsReboot?.(groupValue(group, before), groupValue(group, after)) === true,
  );
}

/** Paths of the files that can change with these keys; a directory of files that depend on values ends with `/`. */
export function affectedFiles(changedKeys: Iterable<string>): string[] {
  return affectedServices(changedKeys).flatMap((entry) => [
    ...entry.service.files.map((file) => file.path),
    ...composedFiles(entry).map((file) => file.path),
    ...ownedDirectories(entry).map((directory) => `${directory}/`),
  ]);
}

/** Directories in which nothing may lie but what the service renders. */
export function ownedDirectories({ service }: SettingsService): string[] {
  return (service.fileSets ?? []).map(({ directory }) => directory);
}

/** A group that nothing reads yet, and whether something is set in it. */
export interface GroupWithoutEffect {
  readonly group: string;
  readonly isSet: boolean;
}

/**
 * Groups that nothing reads yet: those in which one of these keys was set or unset, without keys those in which something
 * is set. The reference tells the same of them.
 */
export function groupsWithoutEffect(
  changedKeys: readonly string[] | undefined,
  effective: FlatSettings,
): GroupWithoutEffect[] {
  const set = [...effective].flatMap(([key, value]) =>
    MODEL.defaults.get(key) === value ? [] : [key],
  );
  // What the machine gave itself is no wish of anybody, to be told that it waits.
  const wished = set.filter((key) => !GENERATORS.some((generator) => generator.key === key));
  const isIn = (group: string) => (key: string) => isBelow(key, group);
  return MODEL.groups
    .filter(([, { services, effect }]) => services.length === 0 && effect === undefined)
    .filter(([group]) => (changedKeys ?? wished).some(isIn(group)))
    .map(([group]) => ({ group, isSet: set.some(isIn(group)) }));
}

/** Files of the image that the rendered ones are made from; {@link renderService} takes their texts. */
export function imageFilesOf(entry: SettingsService): string[] {
  return composedFiles(entry).flatMap(({ imageFile }) => imageFile ?? []);
}

/** All files of a service for these effective values, and these texts of {@link imageFilesOf}. */
export function renderService(
  entry: SettingsService,
  effective: FlatSettings,
  imageTexts: ReadonlyMap<string, string> = new Map(),
): RenderedFile[] {
  const value = groupValue(entry.group, effective);
  const { files, fileSets = [] } = entry.service;
  return [
    ...files.map((file) => ({ path: file.path, mode: file.mode, text: file.render(value) })),
    ...fileSets.flatMap((set) =>
      [...set.render(value)].map(([name, text]) => ({
        path: `${set.directory}/${name}`,
        mode: set.mode,
        text,
      })),
    ),
    ...composedFiles(entry).map((file) => ({
      path: file.path,
      mode: file.mode,
      text: file.render(value, inputsOf(file, effective, imageTexts)),
    })),
  ];
}

function composedFiles({ service }: SettingsService): readonly ComposedFile<unknown>[] {
  return service.composedFiles ?? [];
}

function inputsOf(
  { path, imageFile }: ComposedFile<unknown>,
  effective: FlatSettings,
  imageTexts: ReadonlyMap<string, string>,
): RenderInputs {
  const imageText = imageFile === undefined ? "" : imageTexts.get(imageFile);
  if (imageText === undefined)
    throw new Error(`Cannot make "${path}": the image has no ${imageFile}`);
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- every value passed its group's schema
  const valueOf = ((group) => groupValue(pathOf(group), effective)) as RenderInputs["valueOf"];
  return { imageText, valueOf };
}

/** Keys, and prefixes of keys, that concern the service. */
export function prefixes(entry: SettingsService, model = MODEL): string[] {
  const { group, service } = entry;
  const own = service.keys === undefined ? [group] : service.keys.map((key) => `${group}.${key}`);
  const others = composedFiles(entry)
    .flatMap(({ reads = [] }) => reads)
    .flatMap((read) => read.keys.map((key) => `${pathOf(read.group, model)}.${key}`));
  return [...own, ...others];
}

function pathOf(group: SettingsGroup, model = MODEL): string {
  const [path] = model.groups.find(([, candidate]) => candidate === group) ?? [];
  if (path === undefined) throw new Error("A service reads a group that is not registered");
  return path;
}
