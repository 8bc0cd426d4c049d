export { BallastError, hasCode, type BallastErrorOptions } from "./ballast-error.ts";
export { describeError, describeErrorWithCode } from "./describe-error.ts";
export { EXIT, type ExitCode } from "./exit-code.ts";
export { toProblem, type Problem } from "./problem.ts";
export { UsageError } from "./usage-error.ts";
