export { explainKey, type ExplainResult } from "./reference/explain.ts";
export { explainSetting, type ExplainedSetting } from "./reference/explain-setting.ts";
export { nearKeys } from "./reference/near-keys.ts";
export { checkRules, effectiveSettings, nestSettings, withoutSecrets } from "./effective.ts";
export { GENERATORS, type Generator } from "./generators.ts";
export { bootParameters } from "./groups/boot/boot.ts";
export { LOCKDOWN_LEVELS } from "./groups/kernel/kernel.ts";
export { sysctlPath } from "./groups/kernel/sysctl-key.ts";
export { pemCertificates } from "./groups/api-remote/pem.ts";
export {
  normalSerial,
  pemRevocationLists,
  type RevocationList,
} from "./groups/api-remote/revocation-list.ts";
export { interfaceFile } from "./groups/network/interface-files.ts";
export { targetOf, type HealthTarget } from "./groups/health/health.ts";
export {
  apiKey,
  flatten,
  innerKey,
  isBelow,
  isTable,
  joinKey,
  splitKey,
  unflatten,
  type FlatSettings,
} from "./keys.ts";
export { parseKeypairs } from "./keypair.ts";
export type { PartialSettings, Settings, SettingsInput } from "./nested.ts";
export { parsePatch, type Change, type PatchResult } from "./patch.ts";
export { isKnown, isSecret, mapEntriesOf, PartialSettingsSchema } from "./schema.ts";
export {
  affectedFiles,
  affectedServices,
  groupsWithoutEffect,
  imageFilesOf,
  needsReboot,
  ownedDirectories,
  renderService,
  SERVICES,
} from "./services.ts";
export type { RenderedFile, SettingsService } from "./services.ts";
export type { GeneratorName, Issue } from "./settings-group.ts";
