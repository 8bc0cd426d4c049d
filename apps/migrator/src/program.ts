import { EXIT } from "@ballast/errors";
import type { Program } from "@ballast/service";
import manifest from "../package.json" with { type: "json" };
import { parseCommand } from "./cli.ts";
import { HELP } from "./help.ts";
import { placesBelow } from "./places.ts";
import { isSettled, isShadowWanted } from "./settled.ts";

/** `migrator`: the settings of one version for another. */
export const program: Program = {
  name: "migrator",
  run: async ({ args, stdout, log }) => {
    const command = parseCommand(args);
    switch (command.do) {
      case "help":
        await stdout(HELP);
        return EXIT.ok;
      case "version":
        await stdout(`migrator ${manifest.version}\n`);
        return EXIT.ok;
      case "run": {
        const places = placesBelow(command.root);
        // Nearly every boot ends here, so nothing more is loaded before.
        if (isSettled(places)) return EXIT.ok;
        const { runAtStart } = await import("./at-start/run-at-start.ts");
        return runAtStart(places, log);
      }
      case "shadow": {
        const places = placesBelow(command.root);
        if (!isShadowWanted(places)) return EXIT.ok;
        const { runShadow } = await import("./shadow/run-shadow.ts");
        return runShadow(places, log);
      }
      case "dry-run": {
        const { runDryRun } = await import("./dry-run.ts");
        return runDryRun(command, stdout);
      }
      case "prepare":
        break;
    }
    const { runPrepare } = await import("./shadow/run-shadow.ts");
    return runPrepare(placesBelow(command.root), command.version, log);
  },
};
