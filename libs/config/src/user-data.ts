import { EXIT } from "@ballast/errors";
import { checkSettings } from "./check-settings.ts";
import { ConfigError } from "./config-error.ts";
import type { Machine } from "./machine.ts";
import { resolveDeferred, type Sources } from "./resolve.ts";
import { tomlDocument } from "./toml-document.ts";

export type UserDataOptions = Partial<Sources>;

/**
 * User data of a machine: TOML, with every deferred text in it, so the result is as secret as they are. Throws
 * {@link ConfigError} with each setting that a machine would refuse.
 */
export function toUserData(machine: Machine, options: UserDataOptions = {}): string {
  return tomlDocument({ settings: toSettings(machine, options) });
}

/** The checked settings as data, as `PATCH /settings` takes them. */
export function toSettings(
  { name, settings }: Machine,
  { directory = process.cwd(), env = process.env }: UserDataOptions = {},
): unknown {
  const resolved = resolveDeferred(settings, { directory, env });
  const issues = checkSettings(resolved);
  if (issues.length === 0) return resolved;
  const what = name === undefined ? "" : ` of "${name}"`;
  const reasons = issues.map(({ key, reason }) => `${key} ${reason}`).join("\n  ");
  throw new ConfigError("config.bad-settings", `Cannot make user data${what}:\n  ${reasons}`, {
    details: { issues },
    exitCode: EXIT.badData,
  });
}
