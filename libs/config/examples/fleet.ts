import { defineMachine, fromEnv, mergeSettings, type SettingsDraft } from "@ballast/config";

/** What every machine has. */
const common: SettingsDraft = {
  motd: fromEnv("FLEET_MOTD"),
  boot: { "trial-limit": 900 },
};

/** What only machines with a database have. */
const database: SettingsDraft = { health: { database: { tcp: "127.0.0.1:5432" } } };

function harbour(number: number, ...roles: readonly SettingsDraft[]) {
  return defineMachine({
    settings: mergeSettings(common, ...roles, { network: { hostname: `harbour-${number}` } }),
  });
}

/** `npx ballast-config fleet.ts --out user-data` writes user-data/harbour-1.toml and so on. */
export const fleet = [harbour(1, database), ...[2, 3, 4].map((number) => harbour(number))];
