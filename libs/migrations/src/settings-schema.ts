import type { FlatSettings } from "@ballast/model";
import type { KeyReason } from "./report.ts";

/** What one version of the system takes as settings. */
export interface SettingsSchema {
  /** The values that it does not take, with the reason, which never quotes the value. */
  refused(values: FlatSettings): ReadonlyMap<string, string>;
  /** Rules that the values break together; only what the program of the version itself knows. */
  broken?(values: FlatSettings): readonly KeyReason[];
  /** The entries of maps that a key lies in, known or not; the outermost first. */
  entriesOf(key: string): readonly string[];
  /** Whether the value of this key never leaves the machine; absent: none is known. */
  isSecret?(key: string): boolean;
}
