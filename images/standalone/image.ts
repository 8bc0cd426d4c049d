import { groups, users } from "./accounts.ts";
import { directories, enabledUnits, links, packages } from "./contents.ts";
import { programs } from "./programs.ts";
import { MAX_FILL, partitions } from "./disk-layout.ts";

/** The default variant, as plain data. The harness turns it into a disk. */
export const image = {
  variant: "standalone",
  apps: [
    "apps/apiclient",
    "apps/apiserver",
    "apps/host-containers",
    "apps/migrator",
    "apps/signpost",
    "apps/update-agent",
  ],
  packages,
  programs,
  links,
  directories,
  enabledUnits,
  users,
  groups,
  partitions,
  maxFill: MAX_FILL,
} as const;
