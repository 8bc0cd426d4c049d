import { readIfThere } from "./storage.ts";

/** The variables of a file that the API server rendered for `EnvironmentFile=` of systemd; none if there is no such file. */
export async function proxyVariables(path: string): Promise<Record<string, string>> {
  const text = (await readIfThere(path)) ?? "";
  const lines = [...text.matchAll(/^([A-Za-z_]\w*)="(.*)"$/gm)];
  return Object.fromEntries(
    lines.map(([, name = "", value = ""]) => [name, value.replaceAll(/\\(.)/g, "$1")]),
  );
}
