import { EXIT } from "@ballast/errors";
import type { Program } from "@ballast/service";
import manifest from "../package.json" with { type: "json" };
import { parseCommand } from "./cli.ts";
import { runAdd } from "./commands/add.ts";
import { runBundle } from "./commands/bundle.ts";
import type { Context } from "./commands/context.ts";
import { runInit } from "./commands/init.ts";
import { runRefresh } from "./commands/refresh.ts";
import { runRenewRoot, runRotateKey } from "./commands/rotate-key.ts";
import { runServe } from "./commands/serve.ts";
import { runSetMaxVersion } from "./commands/set-max-version.ts";
import { runSimulate } from "./commands/simulate.ts";
import { runValidate } from "./commands/validate.ts";
import { runWaves } from "./commands/waves.ts";
import { completionScript } from "./completion.ts";
import { helpText } from "./help.ts";

/** `publisher`: makes a signed repository of releases, where they are made. It is not in the image. */
export const program: Program = {
  name: "publisher",
  run: async ({ args, env, stdout, stderr, isTerminal, signal }) => {
    const command = parseCommand(args);
    const context: Context = {
      env,
      stdout,
      stderr,
      isTerminal,
      signal,
      now: Temporal.Now.instant(),
    };
    switch (command.do) {
      case "help":
        await stdout(helpText(command.topic));
        break;
      case "version":
        await stdout(`publisher ${manifest.version}\n`);
        break;
      case "completion":
        await stdout(completionScript(command.shell));
        break;
      case "init":
        await runInit(context, command);
        break;
      case "add":
        await runAdd(context, command);
        break;
      case "waves":
        await runWaves(context, command);
        break;
      case "set-max-version":
        await runSetMaxVersion(context, command);
        break;
      case "refresh":
        await runRefresh(context, command);
        break;
      case "rotate-key":
        await runRotateKey(context, command);
        break;
      case "renew-root":
        await runRenewRoot(context, command);
        break;
      case "bundle":
        await runBundle(context, command);
        break;
      case "simulate":
        await runSimulate(context, command);
        break;
      case "validate":
        await runValidate(context, command);
        break;
      case "serve":
        await runServe(context, command);
        break;
    }
    return EXIT.ok;
  },
};
