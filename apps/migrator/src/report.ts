import { mkdirSync, renameSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import type { MigrationReport } from "@ballast/model";
import type { Places } from "./places.ts";

/** For the API; memory, so nothing has to be synced. */
export function writeReport({ report }: Places, content: MigrationReport): void {
  mkdirSync(dirname(report), { recursive: true, mode: 0o755 });
  writeFileSync(`${report}.new`, `${JSON.stringify(content)}\n`, { mode: 0o644 });
  renameSync(`${report}.new`, report);
}
