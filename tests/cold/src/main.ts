import { BallastError, describeError, EXIT } from "@ballast/errors";
import { runCold } from "./run-cold.ts";

const HELP = `Usage: npm run test:cold [-- --keep] [-- --only start|test]

Makes a fresh Debian 12 with Node 20 and npm and nothing else, clones the last commit into it, and runs "npm start"
and "npm test" there with an empty cache, so that a missing install step shows. Needs root, and an hour.

  --keep         leave the machine in place afterwards and say where
  --only WHAT    run one of the two commands

Examples:
  npm run test:cold
  npm run test:cold -- --only start --keep
`;

const args = process.argv.slice(2);
const only = args.includes("--only") ? args[args.indexOf("--only") + 1] : undefined;
const known = args.every((arg) => ["--keep", "--only", "start", "test"].includes(arg));

if (args.includes("--help") || args.includes("-h")) process.stdout.write(HELP);
else if (!known || (args.includes("--only") && only !== "start" && only !== "test")) {
  process.stderr.write(`test:cold: Cannot read the options ${args.join(" ")}\n${HELP}`);
  process.exitCode = EXIT.usage;
} else
  try {
    await runCold({ keep: args.includes("--keep"), only });
  } catch (error) {
    if (!(error instanceof BallastError)) throw error;
    process.stderr.write(`test:cold: ${describeError(error)}\n`);
    process.exitCode = EXIT.failed;
  }
