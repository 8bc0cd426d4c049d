import { apiRemote } from "./groups/api-remote/api-remote.ts";
import { motd } from "./groups/motd/motd.ts";
import { network } from "./groups/network/network.ts";

/** Every settings group by the dotted path below `settings`. The order is the order in which services are applied. */
export const GROUPS = {
  motd,
  network,
  "api.remote": apiRemote,
} as const;
