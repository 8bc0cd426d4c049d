import { readdirSync } from "node:fs";
import { isVersion } from "@ballast/updates";
import type { Places } from "./places.ts";

const DATABASE = /^(?<version>.+)\.sqlite$/;

/** Versions of which there is a database. Files with other names are nobody's. */
export function presentVersions({ settings }: Places): string[] {
  return readdirSync(settings)
    .map((name) => DATABASE.exec(name)?.groups?.["version"] ?? "")
    .filter(isVersion);
}
