import { readFile } from "node:fs/promises";
import { expect, it } from "vitest";

/** The examples are compiled and run by the tests of their package: a guide that shows them shows what works. */
it.each([
  ["typed-configuration.md", "libs/config/examples/one-machine.ts"],
  ["typed-configuration.md", "libs/config/examples/fleet.ts"],
  ["typed-configuration.md", "libs/config/examples/print.ts"],
])("%s shows %s as it is", async (guide, example) => {
  const page = await readFile(new URL(`../guides/${guide}`, import.meta.url), "utf8");
  const program = await readFile(new URL(`../../${example}`, import.meta.url), "utf8");
  expect(page).toContain(`\`\`\`ts\n${program}\`\`\``);
});
