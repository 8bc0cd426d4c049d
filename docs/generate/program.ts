import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { EXIT, UsageError } from "@ballast/errors";
import type { Program } from "@ballast/service";
import { createNodeFs } from "@ballast/system";
import { PAGES } from "./pages.ts";

const HELP = `Usage: npm run docs

Writes the documents that follow from code: ${PAGES.map(({ path }) => `docs/${path}`).join(", ")}.
`;

const DOCS = dirname(dirname(fileURLToPath(import.meta.url)));

export const program: Program = {
  name: "docs",
  run: async ({ args, stdout }) => {
    if (args.includes("--help") || args.includes("-h")) {
      await stdout(HELP);
      return EXIT.ok;
    }
    if (args[0] !== undefined)
      throw new UsageError(`Cannot make documents: "${args[0]}" is not known`, HELP);
    const fs = createNodeFs();
    for (const { path, text } of PAGES) {
      const file = join(DOCS, path);
      const [before, after] = [await fs.readText(file), text()];
      if (before !== after) await fs.writeDurable(file, after, 0o644);
      await stdout(`docs/${path}: ${before === after ? "current" : "written"}\n`);
    }
    return EXIT.ok;
  },
};
