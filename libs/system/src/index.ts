export { createMemoryClock, createNodeClock, type Clock } from "./clock/clock.ts";
export type { Exec, ExecRequest, ExecResult, ExecStream } from "./exec/exec.ts";
export { createMemoryExec, type MemoryProgram } from "./exec/memory-exec.ts";
export { createNodeExec } from "./exec/node-exec.ts";
export type { Fs } from "./fs/fs.ts";
export { createMemoryFs } from "./fs/memory-fs.ts";
export { createNodeFs } from "./fs/node-fs.ts";
export { SystemError, type SystemErrorCode } from "./system-error.ts";
