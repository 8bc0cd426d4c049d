import { MigrationError } from "../errors.ts";

/** A module of one list with an import and an entry more; what is there stays as it is. Throws MigrationError. */
export function addToList(module: string, importLine: string, entry: string): string {
  const end = module.lastIndexOf("];");
  const [lastImport] = [...module.matchAll(/^import [^;]*;\n/gm)].slice(-1);
  if (end < 0 || lastImport === undefined)
    throw new MigrationError(
      "migrations.bad-history",
      "Cannot add to a list: it is not where it was",
    );
  const afterImport = lastImport.index + lastImport[0].length;
  const start = module.slice(0, end).trimEnd();
  const comma = /[[,]$/.test(start) ? "" : ",";
  return `${module.slice(0, afterImport)}${importLine}\n${start.slice(afterImport)}${comma}\n  ${entry},\n];\n`;
}
