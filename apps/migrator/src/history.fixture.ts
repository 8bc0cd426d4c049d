import { defineHistory, defineMigration } from "@ballast/migrations";

/** 2.0.0 calls network.hostname what 1.0.0 calls motd. All names are of today, as is the API server of these tests. */
export const HISTORY_OF_TEST = defineHistory(
  [
    defineMigration({
      to: "2.0.0",
      name: "motd-is-hostname",
      describe: "The motd is called hostname",
      owns: ["motd", "network.hostname"],
      forward: (values) => renamed(values, "motd", "network.hostname"),
      backward: (values) => renamed(values, "network.hostname", "motd"),
    }),
  ],
  new Map([
    [
      "1.0.0",
      {
        // What 1.0.0 did not have yet.
        refused: (values) =>
          new Map(values.has("metrics.port") ? [["metrics.port", "is not known"]] : []),
        entriesOf: () => [],
      },
    ],
  ]),
);

function renamed(values: ReadonlyMap<string, unknown>, from: string, to: string) {
  return new Map([...values].map(([key, value]) => [key === from ? to : key, value]));
}
