export { ConfigError, type ConfigErrorCode } from "./config-error.ts";
export { fromEnv, fromFile, type Deferred, type FromFileOptions } from "./deferred.ts";
export { defineMachine, type Machine, type MachineDraft } from "./machine.ts";
export { mergeSettings } from "./merge-settings.ts";
export type { SettingsDraft } from "./settings-draft.ts";
export { toSettings, toUserData, type UserDataOptions } from "./user-data.ts";
