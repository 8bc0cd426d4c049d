import { writeSync } from "node:fs";
import { createMemoryClock } from "@ballast/system";
import { Datastore } from "./datastore.ts";

// Opens one database of layout 1 after the other, until it is killed.
for (const file of process.argv.slice(2)) {
  new Datastore({ file, clock: createMemoryClock() }).close();
  writeSync(1, `${file}\n`);
}
