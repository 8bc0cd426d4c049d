export { createLog, errorFields, type Log, type LogFields, type LogLevel } from "./log.ts";
export type { Program, ProgramContext } from "./program.ts";
export { runProgram } from "./run-program.ts";
