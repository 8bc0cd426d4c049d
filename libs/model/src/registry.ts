import { apiRemote } from "./groups/api-remote/api-remote.ts";
import { boot } from "./groups/boot/boot.ts";
import { bootstrapContainers } from "./groups/bootstrap-containers/bootstrap-containers.ts";
import { containerRegistry } from "./groups/container-registry/container-registry.ts";
import { containerRuntime } from "./groups/container-runtime/container-runtime.ts";
import { containers } from "./groups/containers/containers.ts";
import { dns } from "./groups/dns/dns.ts";
import { health } from "./groups/health/health.ts";
import { hostContainers } from "./groups/host-containers/host-containers.ts";
import { kernel } from "./groups/kernel/kernel.ts";
import { metrics } from "./groups/metrics/metrics.ts";
import { motd } from "./groups/motd/motd.ts";
import { network } from "./groups/network/network.ts";
import { ntp } from "./groups/ntp/ntp.ts";
import { ociDefaults } from "./groups/oci-defaults/oci-defaults.ts";
import { pki } from "./groups/pki/pki.ts";
import { updates } from "./groups/updates/updates.ts";

/** Every settings group by the dotted path below `settings`. The order is the order in which services are applied. */
export const GROUPS = {
  boot,
  kernel,
  motd,
  network,
  dns,
  ntp,
  pki,
  "container-registry": containerRegistry,
  "container-runtime": containerRuntime,
  "oci-defaults": ociDefaults,
  "host-containers": hostContainers,
  "bootstrap-containers": bootstrapContainers,
  containers,
  updates,
  metrics,
  "api.remote": apiRemote,
  health,
} as const;
