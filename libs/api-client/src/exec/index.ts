/** Commands in containers; apart from the other calls, which need no websocket. */
export { openExec, type ExecOptions, type ExecSession } from "./open-exec.ts";
