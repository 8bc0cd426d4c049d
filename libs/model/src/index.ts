export { ApplyReport, CommitReport, ServiceReport } from "./api/apply-report.ts";
export { Boot } from "./api/boot.ts";
export { ConfigureAnswer, ConfigureRequest } from "./api/configure.ts";
export { Health, HealthCheck } from "./api/health.ts";
export { Os, Slot } from "./api/os.ts";
export { ProblemSchema, type ProblemBody } from "./api/problem.ts";
export { Role, roleIncludes } from "./api/role.ts";
export {
  RollbackReport,
  SlotFailure,
  SlotFlags,
  SlotsReport,
  SlotState,
  TableCopy,
  UnmetCheck,
} from "./api/slots.ts";
export { KeypairRequest, Names, TransactionName } from "./api/transactions.ts";
export * from "./settings.ts";
