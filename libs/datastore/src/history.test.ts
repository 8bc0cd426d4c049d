import { DatabaseSync } from "node:sqlite";
import { expect, it } from "vitest";
import { readHistory, recordCommit } from "./history.ts";
import { createLayout } from "./layout.ts";

it("the history becomes shorter when its values are long, and keeps the newest commit whatever its size", () => {
  using database = new DatabaseSync(":memory:");
  createLayout(database, "id");
  const facts = { at: "2026-01-01T00:00:00Z", who: "local", source: "api", note: null } as const;
  const commit = (bytes: number): number[] => {
    recordCommit(database, facts, [{ key: "motd", old: null, value: "x".repeat(bytes) }]);
    return readHistory(database).map(({ id }) => id);
  };
  for (let number = 0; number < 19; number += 1) commit(1024 * 1024);
  expect(commit(1024 * 1024)).toEqual([20, 19, 18, 17, 16, 15, 14]);
  expect(commit(20 * 1024 * 1024)).toEqual([21]);
  expect(commit(10)).toEqual([22]);
});
