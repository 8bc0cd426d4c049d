import { describe, expect, it } from "vitest";
import { dryRun } from "./dry-run.ts";
import { defineHistory } from "./history.ts";
import { renameKey } from "./kinds/index.ts";
import { releasedSchema } from "./released-schema.ts";
import { reportLines } from "./report-lines.ts";

const SECRET = "s3cret-text";
const older = releasedSchema({
  type: "object",
  properties: {
    banner: { type: "string" },
    key: { type: "string", writeOnly: true },
    web: {
      type: "object",
      additionalProperties: {
        type: "object",
        properties: { token: { type: "string", writeOnly: true } },
      },
    },
  },
  additionalProperties: false,
});
const history = defineHistory(
  [{ to: "0.2.0", name: "banner", describe: "Renames banner.", ...renameKey("banner", "motd") }],
  new Map([["0.1.0", older]]),
);

describe("dryRun()", () => {
  it.each(["settings", "bare"])("says what becomes of a document of %s", (form) => {
    const settings = { banner: "hi", key: SECRET, web: { a: { token: SECRET } } };
    const result = dryRun(form === "bare" ? settings : { settings }, "0.1.0", "0.2.0", history);
    expect(result.settings).toEqual({ motd: "hi" });
    expect(result.secrets).toEqual(["key", "web.a.token"]);
    expect(result.refused).toEqual([]);
    expect(result.report.unused.map(({ key }) => key)).toEqual(["key", "web.a.token"]);
    expect(JSON.stringify(result)).not.toContain(SECRET);
    expect(reportLines(result.report).slice(0, 4)).toEqual([
      "0.1.0 to 0.2.0, forward: 1 migration",
      "  0.2.0 banner: Renames banner.",
      "    - banner",
      "    + motd",
    ]);
  });

  it("names what the first version would not take, and what goes aside on the way back", () => {
    const up = dryRun({ banner: 1 }, "0.1.0", "0.1.5", history);
    expect(up.refused).toEqual([{ key: "banner", reason: "is no value that this version takes" }]);
    const down = dryRun({ motd: "hi", network: { hostname: "h" } }, "0.2.0", "0.1.0", history);
    expect(down.settings).toEqual({ banner: "hi" });
    expect(reportLines(down.report)).toContain(
      "  network.hostname: set aside: is not a setting of that version",
    );
  });

  it.each([["a text"], [null], [[1]], [{ motd: null }]])("refuses %j", (document) => {
    expect(() => dryRun(document, "0.1.0", "0.2.0", history)).toThrow(
      expect.objectContaining({ code: "migrations.bad-settings" }),
    );
  });
});
