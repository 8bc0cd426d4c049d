import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, it } from "vitest";
import { APICLIENT_MOUNTS } from "./apiclient-mounts.ts";

const LAUNCHER = join(import.meta.dirname, "../../../../images/standalone/launcher/apiclient.c");

it("mounts the folder where the launcher looks for it", async () => {
  const [folder] = APICLIENT_MOUNTS;
  expect(await readFile(LAUNCHER, "utf8")).toContain(`#define FOLDER "${folder.destination}"\n`);
});
