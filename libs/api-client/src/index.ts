export {
  act,
  commitAndApply,
  dropTransaction,
  getHealth,
  getOs,
  getSettings,
  getSlots,
  patchKeypairs,
  patchSettings,
  rollback,
  streamLogs,
  type LogQuery,
} from "./calls.ts";
export { createApiClient, type ApiClient, type Answer, type CallOptions } from "./client.ts";
export { ApiClientError, ApiError } from "./errors.ts";
export type { Call } from "./exchange.ts";
export { asRecord } from "./json.ts";
export { safeText } from "./safe-text.ts";
export type { Target } from "./target.ts";
