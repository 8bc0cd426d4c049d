import { writeSync } from "node:fs";
import { createMemoryClock } from "@ballast/system";
import { Datastore } from "./datastore.ts";

// Commits pairs of values as fast as it can and tells each commit that has returned, until it is killed.
const [, , file = "", first = "0"] = process.argv;
const store = new Datastore({ file, clock: createMemoryClock() });
for (let number = Number(first); ; number += 1) {
  store.stage("default", [
    { key: "motd", value: `v${number} ${"x".repeat(number % 3000)}` },
    { key: "network.hostname", value: `v${number}` },
  ]);
  store.commit("default", { who: "fixture", source: "api" });
  writeSync(1, `${number}\n`);
}
