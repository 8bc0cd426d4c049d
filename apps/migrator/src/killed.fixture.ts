// Runs one command of migrator and kills the process just before the call of the given number among those that change a
// file. Started by killed.test.ts.
import { syncBuiltinESMExports } from "node:module";
import { DatabaseSync, StatementSync } from "node:sqlite";
import { createLog } from "@ballast/service";
import { runAtStart } from "./at-start/run-at-start.ts";
import { HISTORY_OF_TEST } from "./history.fixture.ts";
import { placesBelow } from "./places.ts";
import { runShadow } from "./shadow/run-shadow.ts";

const [command, root = "", last = "0"] = process.argv.slice(2);
let left = Number(last);

function makeFatal(owner: object, ...names: readonly string[]): void {
  for (const name of names) {
    const call: unknown = Reflect.get(owner, name);
    if (typeof call !== "function") throw new Error(`There is no ${name}`);
    Reflect.set(owner, name, function counted(this: unknown, ...args: unknown[]): unknown {
      left -= 1;
      if (left === 0) process.kill(process.pid, "SIGKILL");
      return Reflect.apply(call, this, args);
    });
  }
}

const fs = process.getBuiltinModule("node:fs");
makeFatal(fs, "fsyncSync", "renameSync", "rmSync", "writeFileSync");
makeFatal(fs.promises, "open", "rename");
makeFatal(DatabaseSync.prototype, "exec");
makeFatal(StatementSync.prototype, "run");
syncBuiltinESMExports();

const log = createLog({ write: () => undefined, journal: false });
const places = placesBelow(root);
if (command === "run") await runAtStart(places, log, HISTORY_OF_TEST);
else await runShadow(places, log, HISTORY_OF_TEST);
