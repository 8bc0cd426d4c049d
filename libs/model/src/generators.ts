import { MODEL } from "./schema.ts";
import type { GeneratorName } from "./settings-group.ts";
import type { SettingsModel } from "./settings-model.ts";

/** What gives a setting its value at boot if nobody has set it. */
export interface Generator {
  readonly name: GeneratorName;
  /** Without the leading `settings.`. */
  readonly key: string;
}

export function generatorsOf({ groups }: SettingsModel): Generator[] {
  return groups.flatMap(([path, { generated = [] }]) =>
    generated.map(({ key, by }) => ({ name: by, key: `${path}.${key}` })),
  );
}

/** Those of the product, in the order of its groups. */
export const GENERATORS: readonly Generator[] = generatorsOf(MODEL);
