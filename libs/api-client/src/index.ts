export {
  act,
  commitAndApply,
  dropTransaction,
  getContainers,
  getHealth,
  getOs,
  getSettings,
  getSlots,
  patchKeypairs,
  patchSettings,
  rollback,
  streamContainerLogs,
  streamLogs,
  type CommitOptions,
  type ContainerLogQuery,
  type LogQuery,
} from "./calls.ts";
export {
  confirmTry,
  getHistory,
  getPlan,
  getSettingsWithEtag,
  getTry,
  restoreCommit,
  revertTry,
  unsetSettings,
} from "./settings-calls.ts";
export { getInhibitors, putInhibitor, releaseInhibitor } from "./inhibitor-calls.ts";
export { resetMachine } from "./reset-calls.ts";
export { explainSetting, parseExplanation } from "./explain-calls.ts";
export { getCisReport, listReports, streamLogArchive } from "./report-calls.ts";
export {
  getUpdatePlan,
  getUpdatesStatus,
  prepareUpdate,
  refreshUpdates,
  switchUpdate,
  uploadBundle,
} from "./update-calls.ts";
export { createApiClient, type ApiClient, type Answer, type CallOptions } from "./client.ts";
export { streamEvents, type StreamedEvent } from "./event-calls.ts";
export { ApiClientError, ApiError } from "./errors.ts";
export type { Call } from "./exchange.ts";
export { asRecord } from "./json.ts";
export { safeText } from "./safe-text.ts";
export type { Target } from "./target.ts";
