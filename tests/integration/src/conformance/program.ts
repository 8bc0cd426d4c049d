import { EXIT } from "@ballast/errors";
import type { Program } from "@ballast/service";
import { HELP, parseCommand } from "./cli.ts";
import { runCritest } from "./critest.ts";
import { runOciRuntime } from "./oci-runtime.ts";
import { runTuf } from "./tuf.ts";

export const program: Program = {
  name: "conformance",
  run: async ({ args, stdout }) => {
    const command = parseCommand(args);
    if (command.kind === "help") {
      await stdout(HELP);
      return EXIT.ok;
    }
    const run = { "oci-runtime": runOciRuntime, critest: runCritest, tuf: runTuf }[command.suite];
    return (await run(command.path, command.only, stdout)) ? EXIT.ok : EXIT.failed;
  },
};
