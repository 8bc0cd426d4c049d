import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { parseCommand } from "./cli.ts";
import { runDryRun } from "./dry-run.ts";

describe("parseCommand()", () => {
  it.each([
    [["run"], { do: "run", root: "/" }],
    [["shadow", "--root", "/tmp/x"], { do: "shadow", root: "/tmp/x" }],
    [["prepare", "--for", "1.0.0"], { do: "prepare", root: "/", version: "1.0.0" }],
    [
      ["--dry-run", "--from", "1.0.0", "--to", "2.0.0", "--json", "f"],
      { do: "dry-run", from: "1.0.0", to: "2.0.0", file: "f" },
    ],
    [["--help"], { do: "help" }],
    [["--version"], { do: "version" }],
  ])("%j", (args, command) => {
    expect(parseCommand(args)).toEqual(command);
  });

  it.each([
    [[]],
    [["go"]],
    [["run", "more"]],
    [["run", "--for", "1.0.0"]],
    [["run", "--root", "x"]],
    [["run", "--from", "1.0.0"]],
    [["prepare"]],
    [["--dry-run", "--from", "1.0.0", "--to", "2.0.0"]],
    [["--dry-run", "run", "--from", "1.0.0", "--to", "2.0.0", "--json", "f"]],
    [["--dry-run", "--root", "/", "--from", "1.0.0", "--to", "2.0.0", "--json", "f"]],
    [["--else"]],
  ])("refuses %j", (args) => {
    expect(() => parseCommand(args)).toThrow(/^Cannot run migrator: /);
  });
});

describe("--dry-run", () => {
  async function dryRun(text: string): Promise<unknown> {
    const directory = mkdtempSync(join(tmpdir(), "ballast-dry-run-"));
    onTestFinished(() => {
      rmSync(directory, { recursive: true });
    });
    const file = join(directory, "settings.json");
    writeFileSync(file, text);
    let printed = "";
    await runDryRun({ from: "0.1.0", to: "99.0.0", file }, async (part) => {
      printed += part;
    });
    return JSON.parse(printed);
  }

  it("prints what would become of settings, and no secret", async () => {
    const document = { motd: "hello", api: { remote: { "server-key": "SECRET" } } };
    const answer = await dryRun(JSON.stringify(document));
    expect(answer).toMatchObject({
      settings: { motd: "hello" },
      secrets: ["api.remote.server-key"],
    });
    expect(JSON.stringify(answer)).not.toContain("SECRET");
  });

  it("refuses a file that is no JSON, and one that holds no settings", async () => {
    await expect(dryRun("{")).rejects.toMatchObject({ code: "migrator.bad-file" });
    await expect(dryRun("[]")).rejects.toMatchObject({ code: "migrations.bad-settings" });
  });
});
