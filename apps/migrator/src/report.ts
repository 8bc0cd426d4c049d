import { mkdirSync, renameSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import type { MigrationReport, ShadowReport } from "@ballast/model";

/** For the API; memory, so nothing has to be synced. */
export function writeReport(file: string, content: MigrationReport | ShadowReport): void {
  mkdirSync(dirname(file), { recursive: true, mode: 0o755 });
  writeFileSync(`${file}.new`, `${JSON.stringify(content)}\n`, { mode: 0o644 });
  renameSync(`${file}.new`, file);
}
