/** The protocol by which commands run in containers (docs/decisions/0028-exec.md), without the rest of the model. */
export { EXEC_CLOSE, EXEC_LIMITS, type ExecCloseCode } from "./limits.ts";
export {
  encodeClientMessage,
  encodeServerMessage,
  type ClientMessage,
  type ExecRequest,
  type OutputName,
  type ServerMessage,
  type TerminalSize,
} from "./messages.ts";
export { parseClientMessage, parseServerMessage } from "./parse.ts";
