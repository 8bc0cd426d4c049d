import { apiRemote } from "./groups/api-remote/api-remote.ts";
import { boot } from "./groups/boot/boot.ts";
import { health } from "./groups/health/health.ts";
import { motd } from "./groups/motd/motd.ts";
import { network } from "./groups/network/network.ts";

/** Every settings group by the dotted path below `settings`. The order is the order in which services are applied. */
export const GROUPS = {
  boot,
  motd,
  network,
  "api.remote": apiRemote,
  health,
} as const;
