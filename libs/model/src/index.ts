export { ApplyReport, CommitReport, ServiceReport } from "./api/apply-report.ts";
export { Boot, BootParameters, GeneratorReport } from "./api/boot.ts";
export {
  ConfigureAnswer,
  ConfigureRequest,
  GeneratorResult,
  ProvisionAnswer,
  ProvisionRequest,
} from "./api/configure.ts";
export {
  ContainerFigures,
  ContainerKind,
  ContainerList,
  ContainerStatus,
  WorkloadHealth,
  WorkloadList,
  WorkloadState,
  WorkloadStatus,
} from "./api/containers.ts";
export { EVENTS, type EventData, type EventName } from "./api/events.ts";
export { Explanation } from "./api/explanation.ts";
export { Health, HealthCheck } from "./api/health.ts";
export { History, HistoryChange, HistoryCommit, RestoreReport } from "./api/history.ts";
export { InhibitorList, InhibitorName, InhibitorRequest } from "./api/inhibitors.ts";
export { MigrationReport, ShadowReport } from "./api/migration.ts";
export { Os, Slot } from "./api/os.ts";
export { Plan, PlannedChange, PlannedService } from "./api/plan.ts";
export { ProblemSchema, type ProblemBody } from "./api/problem.ts";
export { CisReport, CisResult, CisStatus, ReportList } from "./api/report.ts";
export { Role, roleIncludes } from "./api/role.ts";
export { SettingExplanation, ValueSource } from "./api/setting-explanation.ts";
export {
  RollbackReport,
  SlotFailure,
  SlotFlags,
  SlotsReport,
  SlotState,
  TableCopy,
  UnmetCheck,
} from "./api/slots.ts";
export { ResetReport, ResetRequest, StateStorage } from "./api/state.ts";
export { roleToWrite, WRITE_RULES } from "./api/write-role.ts";
export {
  FailedUpdate,
  UpdateBundle,
  UpdateCommand,
  UpdateCommandResult,
  UpdateImage,
  UpdateInhibitor,
  UpdateObstacle,
  UpdatePlan,
  UpdateProgress,
  UpdateRequest,
  UpdatesStatus,
  UpdateState,
} from "./api/updates.ts";
export { UpdateAgentConfig, WEEKDAYS } from "./groups/updates/agent-config.ts";
export { KeypairRequest, Names, TransactionName, Try, TryState } from "./api/transactions.ts";
export * from "./settings.ts";
