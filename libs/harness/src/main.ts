#!/usr/bin/env node
import { describeError, EXIT, BallastError } from "@ballast/errors";
import { runCommand } from "./cli.ts";

try {
  await runCommand(process.argv.slice(2), process.cwd());
} catch (error) {
  if (!(error instanceof BallastError)) throw error;
  process.stderr.write(`ballast-build: ${describeError(error)}\n`);
  process.exitCode = error.code === "build.usage" ? EXIT.usage : EXIT.failed;
}
