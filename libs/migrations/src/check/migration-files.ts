/** What a new migration is called and where it leads. */
export interface NewMigration {
  readonly name: string;
  readonly to: string;
}

/** The texts of a migration that is still to be written, and of its test, which fails until then. */
export function migrationFiles({ name, to }: NewMigration): {
  readonly stem: string;
  readonly constant: string;
  readonly migration: string;
  readonly test: string;
} {
  const stem = `${to}-${name}`;
  const constant = name.replaceAll(/-([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
  return {
    stem,
    constant,
    migration: migrationText(name, to, constant),
    test: testText(stem, constant),
  };
}

function migrationText(name: string, to: string, constant: string): string {
  return `import { renameKey } from "../kinds/index.ts";
import { defineMigration } from "../migration.ts";

/** Why the settings changed, and what becomes of values that do not fit. */
export const ${constant} = defineMigration({
  to: "${to}",
  name: "${name}",
  describe: "One sentence for the release notes.",
  ...renameKey("old.key", "new.key"),
});
`;
}

function testText(stem: string, constant: string): string {
  return `import { expect, it } from "vitest";
import { defineHistory } from "../history.ts";
import { migrateValues } from "../migrate-values.ts";
import { PRODUCT_SCHEMA } from "../product-schema.ts";
import { ${constant} } from "./${stem}.ts";

const OLDER = new Map<string, unknown>([["old.key", "value"]]);
const NEWER = new Map<string, unknown>([["new.key", "value"]]);
const HISTORY = defineHistory([${constant}]);

it("takes settings forward, into what this version takes", () => {
  const { values } = migrateValues(OLDER, "0.0.0", ${constant}.to, HISTORY, {
    schema: PRODUCT_SCHEMA,
  });
  expect(values).toEqual(NEWER);
});

it("takes settings back", () => {
  const { values, aside } = migrateValues(NEWER, ${constant}.to, "0.0.0", HISTORY);
  expect(values).toEqual(OLDER);
  expect(aside).toEqual([]);
});
`;
}
