import { tomlDocument } from "../../formats/toml.ts";

/**
 * containerd's hosts.toml for one registry: mirrors in the order in which they are asked. `server` is left out, so the
 * registry itself comes after them, as containerd finds it without any file. Nobody pushes through mirrors.
 */
export function hostsToml(endpoints: readonly string[]): string {
  const host = endpoints.map((endpoint) => [endpoint, mirror(endpoint)] as const);
  return tomlDocument({ host: Object.fromEntries(host) });
}

/** The folder in which containerd looks for the mirrors of a registry. */
export function hostDirectory(registry: string): string {
  if (registry === "*") return "_default";
  return registry.replace(/:(\d+)$/, "_$1_");
}

function mirror(endpoint: string) {
  const capabilities = ["pull", "resolve"];
  // A path is the root of the mirror's API as it stands; containerd would put /v2 behind it.
  const hasPath = new URL(endpoint).pathname !== "/";
  return hasPath ? { capabilities, override_path: true } : { capabilities };
}
