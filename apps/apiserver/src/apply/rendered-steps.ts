import {
  imageFilesOf,
  ownedDirectories,
  renderService,
  type FlatSettings,
  type SettingsService,
} from "@ballast/model";
import type { Fs } from "@ballast/system";
import { planFiles, type FileStep } from "./plan-files.ts";

/** What must be written and removed so that the files of a service are those of these values. Only reads. */
export async function renderedSteps(
  fs: Fs,
  entry: SettingsService,
  effective: FlatSettings,
): Promise<FileStep[]> {
  const imageTexts = new Map<string, string>();
  for (const path of imageFilesOf(entry)) {
    const text = await fs.readText(path);
    if (text !== undefined) imageTexts.set(path, text);
  }
  const files = renderService(entry, effective, imageTexts);
  return planFiles(fs, files, ownedDirectories(entry));
}
