import { BuildError } from "../core/build-error.ts";
import type { RootTree } from "./entry.ts";

const UNITS = "usr/lib/systemd/system";
const INSTALL_LINK = { WantedBy: "wants", RequiredBy: "requires" } as const;

/** Does at build time what `systemctl enable` would: links from the `[Install]` section, into the verified root. */
export function enableUnits(tree: RootTree, units: readonly string[]): void {
  for (const unit of units) {
    const entry = tree.get(`${UNITS}/${unit}`);
    if (entry?.data === undefined)
      throw new BuildError(
        "build.bad-config",
        `Cannot enable "${unit}": the root has no such unit`,
      );
    const install = parseInstall(Buffer.from(entry.data).toString());
    for (const [key, suffix] of Object.entries(INSTALL_LINK))
      for (const target of install.get(key) ?? [])
        tree.addLink(`${UNITS}/${target}.${suffix}/${unit}`, `../${unit}`, "enabled");
    for (const alias of install.get("Alias") ?? [])
      tree.addLink(`${UNITS}/${alias}`, unit, "enabled");
  }
}

export function parseInstall(text: string): Map<string, string[]> {
  const keys = new Map<string, string[]>();
  let section = "";
  for (const line of text.split("\n")) {
    const header = /^\[(\w+)\]\s*$/.exec(line);
    if (header !== null) section = header[1]!;
    const assignment = /^(\w+)\s*=\s*(.*?)\s*$/.exec(line);
    if (section !== "Install" || assignment === null) continue;
    const [, key, value] = assignment;
    keys.set(key!, [...(keys.get(key!) ?? []), ...value!.split(/\s+/).filter(Boolean)]);
  }
  return keys;
}
