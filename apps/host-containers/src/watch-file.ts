import { watch } from "node:fs";
import { basename, dirname } from "node:path";
import { errorFields, type Log } from "@ballast/service";

/** Calls back whenever the file is put in its place; the folder is watched, as the file is another one each time. */
export function watchFile(
  path: string,
  { log, signal }: { readonly log: Log; readonly signal: AbortSignal },
  onChange: () => void,
): void {
  const watcher = watch(dirname(path), { signal }, (_event, name) => {
    if (name === basename(path)) onChange();
  });
  watcher.on("error", (error) => {
    if (!signal.aborted) log.warn("Cannot watch for new settings", errorFields(error));
  });
}
