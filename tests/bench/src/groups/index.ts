import type { Group } from "../group.ts";
import { api } from "./api.ts";
import { boot } from "./boot.ts";
import { build } from "./build.ts";
import { containers } from "./containers.ts";
import { effect } from "./effect.ts";
import { memory } from "./memory.ts";
import { migrations } from "./migrations.ts";
import { sizes } from "./sizes.ts";
import { start } from "./start.ts";
import { updates } from "./updates.ts";

/** In the order in which they run: what is quick comes first. */
export const groups: readonly Group[] = [
  sizes,
  start,
  memory,
  api,
  effect,
  migrations,
  containers,
  updates,
  boot,
  build,
];
