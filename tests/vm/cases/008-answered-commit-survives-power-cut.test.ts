import { stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { bootsLimitMs, inLab, readWriteLog, replayWrites, survivors } from "@ballast/testkit";
import { expect, test } from "vitest";

/** The disk loses all that was not flushed when the plug is pulled: what was answered must have been flushed. */
test(
  "008 an answered commit survives the worst power cut",
  { timeout: bootsLimitMs(2) },
  inLab(async (lab) => {
    const disk = await lab.makeDisk();
    const rebuilt = await lab.makeDisk();
    const writeLog = join(lab.directory, "writes.log");
    await writeFile(writeLog, "");

    const before = await lab.boot({ disk: { path: disk, format: "raw" }, writeLog });
    await before.healthy();
    await before.api.call("PATCH", "/settings", { motd: "Answered, so kept" });
    await before.api.call("POST", "/tx/commit");
    // The plug is pulled in this moment; what the guest still writes while it is judged does not count.
    const { size } = await stat(writeLog);
    await before.powerCut();

    const log = await readWriteLog(writeLog);
    const count = log.requests.filter(({ dataBytesAt }) => dataBytesAt <= size).length;
    const flushed = survivors(log.requests, count, () => false);
    await replayWrites(log, flushed, rebuilt);
    console.log(`Replayed ${flushed.length} of ${count} requests`);
    const after = await lab.boot({ disk: { path: rebuilt, format: "raw" } });
    await after.healthy();
    expect(await after.api.get("/settings")).toMatchObject({ motd: "Answered, so kept" });
  }),
);
