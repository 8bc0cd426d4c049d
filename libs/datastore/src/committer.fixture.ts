import { writeSync } from "node:fs";
import { createMemoryClock } from "@ballast/system";
import { Datastore } from "./datastore.ts";

/*
 * Commits pairs of values as fast as it can and tells each commit that has returned, until it is killed. With `try` every
 * commit waits to be confirmed; odd ones are confirmed, even ones are taken back.
 */
const [, , file = "", first = "0", mode = ""] = process.argv;
const store = new Datastore({ file, clock: createMemoryClock() });
for (let number = Number(first); ; number += 1) {
  store.stage("default", [
    { key: "motd", value: `v${number} ${"x".repeat(number % 3000)}` },
    { key: "network.hostname", value: `v${number}` },
  ]);
  const token = String(number);
  const attempt = mode === "try" ? { attempt: token } : {};
  store.commit("default", { who: "fixture", source: "api", ...attempt });
  if (mode === "try" && number % 2 === 0) store.takeBack(token, "fixture", "even");
  else if (mode === "try") store.confirm(token);
  writeSync(1, `${number}\n`);
}
