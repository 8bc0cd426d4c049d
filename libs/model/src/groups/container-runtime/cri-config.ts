import { tomlDocument, type TomlTable } from "../../formats/toml.ts";
import { NETWORK_FOLDERS } from "./container-network.ts";
import type { Credentials } from "../container-registry/credentials.ts";

/** Where containerd looks for the mirrors of registries. */
const MIRRORS = "/run/ballast/etc/containerd/certs.d";

/** The CRI has one network for each runtime: containers that may ask link-local addresses are made by a second runtime, by this name. */
const LINK_LOCAL_RUNTIME = "link-local";

/** Holds the namespaces of a workload. It comes with the image, and host-containers imports it: no registry is asked. */
const SANDBOX_IMAGE = "ballast.local/pause:1";

/** Where host-containers describes what the CRI has no words for. */
const CDI_FOLDER = "/run/ballast/containers/cdi";

export interface CriSettings {
  readonly "max-container-log-line-size": number;
  readonly "max-concurrent-downloads": number;
  readonly "enable-unprivileged-ports": boolean;
  readonly "enable-unprivileged-icmp": boolean;
}

/**
 * The whole configuration of containerd's CRI plugin. containerd 1.7 takes the section of a plugin from the last file that
 * has one and merges nothing, so what does not depend on settings stands here too.
 */
export function criConfig(
  settings: CriSettings,
  credentials: Readonly<Record<string, Credentials>>,
): string {
  const cri: TomlTable = {
    sandbox_image: SANDBOX_IMAGE,
    max_container_log_line_size: settings["max-container-log-line-size"],
    max_concurrent_downloads: settings["max-concurrent-downloads"],
    enable_unprivileged_ports: settings["enable-unprivileged-ports"],
    enable_unprivileged_icmp: settings["enable-unprivileged-icmp"],
    enable_cdi: true,
    cdi_spec_dirs: [CDI_FOLDER],
    cni: { bin_dir: "/usr/lib/cni", conf_dir: folder("ordinary") },
    containerd: {
      runtimes: {
        runc: RUNC,
        [LINK_LOCAL_RUNTIME]: { ...RUNC, cni_conf_dir: folder("linkLocal") },
      },
    },
    registry: { config_path: MIRRORS, configs: registryConfigs(credentials) },
  };
  return tomlDocument({ version: 2, plugins: { "io.containerd.grpc.v1.cri": cri } });
}

const RUNC = { runtime_type: "io.containerd.runc.v2", options: { SystemdCgroup: true } };

function folder(kind: keyof typeof NETWORK_FOLDERS): string {
  return `/run/ballast/etc/${NETWORK_FOLDERS[kind]}`;
}

function registryConfigs(credentials: Readonly<Record<string, Credentials>>): TomlTable {
  return Object.fromEntries(
    Object.entries(credentials).map(([host, entry]) => [apiHost(host), { auth: { ...entry } }]),
  );
}

/** The registry docker.io is asked at another host, and by that one containerd looks credentials up. */
function apiHost(registry: string): string {
  return registry === "docker.io" ? "registry-1.docker.io" : registry;
}
