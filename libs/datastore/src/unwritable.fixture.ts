// Prints what a database does on a disk that is full or read-only. Started by unwritable.test.ts inside a sandbox whose
// directory is of that kind.
import { readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { hasCode } from "@ballast/errors";
import { createMemoryClock } from "@ballast/system";
import { Datastore, deriveDatabase, type DatastoreErrorCode } from "./index.ts";

const [kind, directory = ""] = process.argv.slice(2);
const API = { who: "local", source: "api" } as const;
const CODES: readonly DatastoreErrorCode[] = ["datastore.full", "datastore.unwritable"];
const found: unknown[] = [];

function open(bootId: string): Datastore {
  return new Datastore({ file: join(directory, "s.sqlite"), clock: createMemoryClock(), bootId });
}

function attempt(act: () => unknown): unknown {
  try {
    return act();
  } catch (error) {
    return CODES.find((code) => hasCode(error, code)) ?? String(error);
  }
}

/** Until not even a byte more fits. */
function fill(): void {
  for (let size = 1 << 20, number = 0; size > 0; number += 1)
    try {
      writeFileSync(join(directory, `filler-${number}`), Buffer.alloc(size));
    } catch {
      size >>= 1;
    }
}

function look(store: Datastore): void {
  const big = "x".repeat(60_000);
  found.push(
    attempt(() => {
      store.stage("new", [
        { key: "motd", value: "new" },
        { key: "kernel.sysctl", value: { "a.b": big } },
      ]);
    }),
    attempt(() => store.commit("old", API)),
    store.writeFault ?? null,
    store.effective().get("motd"),
  );
}

/** Of the next version. */
function derive(): unknown {
  const [from, to] = [join(directory, "s.sqlite"), join(directory, "next.sqlite")];
  const options = { from, to, clock: createMemoryClock(), who: "fixture" };
  return attempt(() => {
    deriveDatabase(options, ({ values }) => ({ values, facts: {}, kind: "converted", note: "" }));
    return "derived";
  });
}

function notFillers(): string[] {
  return readdirSync(directory).filter((name) => !name.startsWith("filler-"));
}

if (kind === "full") {
  using store = open("boot-1");
  store.stage("default", [{ key: "motd", value: "kept" }]);
  store.commit("default", API);
  store.stage("old", [{ key: "motd", value: "x".repeat(4000) }]);
  fill();
  look(store);
  const before = notFillers();
  found.push(derive(), notFillers().join() === before.join());
}
using store = open("boot-2");
look(store);
if (kind === "full") {
  for (const name of readdirSync(directory))
    if (name.startsWith("filler-")) rmSync(join(directory, name));
  // There is room again: what was pending in the boot before is gone now.
  store.stage("default", [{ key: "motd", value: "room" }]);
  found.push(store.commit("default", API), store.transactions(), store.writeFault ?? null);
  found.push(derive(), notFillers().includes("next.sqlite"));
}
process.stdout.write(JSON.stringify(found));
