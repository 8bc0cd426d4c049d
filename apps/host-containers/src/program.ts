import { EXIT } from "@ballast/errors";
import type { Program } from "@ballast/service";
import manifest from "../package.json" with { type: "json" };
import { runDrain } from "./drain/run-drain.ts";
import { runBootstrap } from "./host/bootstrap/run-bootstrap.ts";
import { HOST_PLACES } from "./host/places.ts";
import { parseCommand } from "./cli.ts";
import { HELP } from "./help.ts";
import { runManager } from "./run.ts";

/** `host-containers`: makes the containers that run those of the settings. */
export const program: Program = {
  name: "host-containers",
  run: async ({ args, stdout, log, signal }) => {
    const command = parseCommand(args);
    switch (command.do) {
      case "help":
        await stdout(HELP);
        return EXIT.ok;
      case "version":
        await stdout(`host-containers ${manifest.version}\n`);
        return EXIT.ok;
      case "bootstrap":
        return runBootstrap(HOST_PLACES, { log, signal });
      case "drain":
        return runDrain(command, { log, signal });
      case "run":
        break;
    }
    return runManager(command, { log, signal });
  },
};
