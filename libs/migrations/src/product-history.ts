import { defineHistory } from "./history.ts";
import { MIGRATIONS } from "./migrations/index.ts";
import { RELEASED } from "./released/index.ts";
import { releasedSchema } from "./released-schema.ts";

/** The migrations of the product, and what its released versions take. */
export const HISTORY = defineHistory(
  MIGRATIONS,
  new Map(RELEASED.map(({ version, shape }) => [version, releasedSchema(shape)])),
);
