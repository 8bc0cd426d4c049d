import type { JsonSchema } from "@ballast/model/reference";
import shape_0_1_0 from "./0.1.0.json" with { type: "json" };

/** The shape of the settings of each released version, oldest first. Never changed once the version is out. */
export const RELEASED: readonly { readonly version: string; readonly shape: JsonSchema }[] = [
  { version: "0.1.0", shape: shape_0_1_0 },
];
