import { EXIT } from "@ballast/errors";
import type { Program } from "@ballast/service";
import { makeScratchDir, REPOSITORY } from "@ballast/vm";
import { HELP, parseRunOptions } from "./options.ts";
import { runStage } from "./run-stage.ts";
import { STAGES } from "./stages.ts";
import { countTotals, formatSummary, type StageResult } from "./summary.ts";

/** `npm test`. A failed stage does not keep the others from running: one run shows all that is wrong. */
export const program: Program = {
  name: "npm test",
  async run(context) {
    const options = parseRunOptions(context.args);
    if (options.isHelp) {
      await context.stdout(HELP);
      return EXIT.ok;
    }
    using scratch = makeScratchDir();
    const results: StageResult[] = [];
    for (const stage of STAGES) {
      if (options.only !== undefined && !stage.parts.includes(options.only)) continue;
      await context.stdout(`\n== ${stage.name}\n`);
      const place = { root: REPOSITORY, scratch: scratch.path, signal: context.signal };
      results.push(await runStage(stage, place));
    }
    await context.stdout(formatSummary(results));
    return countTotals(results).failed === 0 ? EXIT.ok : EXIT.failed;
  },
};
