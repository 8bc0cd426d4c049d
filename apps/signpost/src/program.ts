import { EXIT } from "@ballast/errors";
import type { Program } from "@ballast/service";
import manifest from "../package.json" with { type: "json" };
import { parseCommand } from "./cli.ts";
import { HELP } from "./help.ts";
import { MACHINE } from "./places.ts";
import { markSuccessfulBoot, showStatus } from "./run.ts";

/** `signpost`: which slot boots, and the verdict over the one that did. */
export const program: Program = {
  name: "signpost",
  async run(context) {
    const command = parseCommand(context.args);
    switch (command.do) {
      case "help":
        await context.stdout(HELP[command.topic]);
        return EXIT.ok;
      case "version":
        await context.stdout(`signpost ${manifest.version}\n`);
        return EXIT.ok;
      case "status":
        return showStatus(context, command, MACHINE);
      case "mark-successful-boot":
        break;
    }
    return markSuccessfulBoot(context, command, MACHINE);
  },
};
