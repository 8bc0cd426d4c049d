import { UsageError } from "@ballast/errors";
import { describe, expect, it } from "vitest";
import { parseCommand } from "./cli.ts";
import { COMMANDS, isCommandName, SHELLS } from "./command-table.ts";
import { completionScript } from "./completion.ts";
import { helpText } from "./help.ts";

const NAMES = Object.keys(COMMANDS).filter((name) => isCommandName(name));
const WRITE = { disk: undefined, json: false, dryRun: false, rootHash: "", resetParts: [] };
const HASH = "Ab".repeat(32);

describe("parseCommand()", () => {
  it.each([
    ["--help", { do: "help", topic: undefined }],
    ["-h status", { do: "help", topic: "status" }],
    ["mark-successful-boot --help", { do: "help", topic: "mark-successful-boot" }],
    ["--version", { do: "version" }],
    ["completion fish", { do: "completion", shell: "fish" }],
    ["status", { do: "status", disk: undefined, json: false }],
    [
      "status --device d --json",
      { do: "status", disk: { device: "d", slot: undefined }, json: true },
    ],
    ["status --device d --slot B", { do: "status", disk: { device: "d", slot: "B" }, json: false }],
    ["rewrite-table", { ...WRITE, do: "rewrite-table" }],
    [
      "rewrite-table --device d",
      { ...WRITE, do: "rewrite-table", disk: { device: "d", slot: undefined } },
    ],
    ["mark-successful-boot", { ...WRITE, do: "mark-successful-boot" }],
    [
      "clear-inactive --device=d --slot B --dry-run --json",
      {
        do: "clear-inactive",
        disk: { device: "d", slot: "B" },
        json: true,
        dryRun: true,
        rootHash: "",
        resetParts: [],
      },
    ],
    ["request-reset", { ...WRITE, do: "request-reset", resetParts: ["state"] }],
    ["request-reset --data", { ...WRITE, do: "request-reset", resetParts: ["state", "data"] }],
    ["clear-reset --part data", { ...WRITE, do: "clear-reset", resetParts: ["data"] }],
    ["cancel-reset", { ...WRITE, do: "cancel-reset" }],
    ["write-parameters --json", { do: "write-parameters", json: true }],
    ["prove-parameters", { do: "prove-parameters", json: false }],
    [`set-slot-uuids --root-hash ${HASH}`, { ...WRITE, do: "set-slot-uuids", rootHash: HASH }],
  ])("%s", (line, command) => {
    expect(parseCommand(line.split(" "))).toEqual(command);
  });

  it.each([
    ["", "Cannot run signpost: no command given"],
    ["rollback", 'Cannot run "rollback": no such command'],
    ["toString", 'Cannot run "toString": no such command'],
    ["status extra", 'Cannot run signpost status: unexpected argument "extra"'],
    ["status --slot A", "Cannot run signpost status: --slot needs --device"],
    ["status --dry-run", "Cannot run signpost status: --dry-run is of no use"],
    ["cancel-upgrade --root-hash 00", "--root-hash is of no use"],
    ["set-slot-uuids", "Cannot run signpost set-slot-uuids: --root-hash is missing"],
    ["set-slot-uuids --root-hash 00", '--root-hash is "00", must have 64 hexadecimal digits'],
    ["mark-successful-boot --device d", "--device needs --slot A or --slot B"],
    ["mark-successful-boot --device d --slot C", '--slot is "C", must be A or B'],
    ["mark-successful-boot --slot A", "--slot needs --device"],
    ["cancel-reset --data", "--data is of no use"],
    ["clear-reset", "--part is missing, must be state or data"],
    ["clear-reset --part esp", '--part is "esp", must be state or data'],
    ["write-parameters --device d", "--device is of no use"],
    ["completion", "the shell must be bash, zsh, fish"],
    ["completion csh", "the shell must be bash, zsh, fish"],
    ["status --loud", "Cannot run signpost: Unknown option '--loud'"],
    ["status --device", "Cannot run signpost: Option '--device <value>' argument missing"],
  ])("refuses %j", (line, message) => {
    const parse = (): unknown => parseCommand(line.split(" ").filter((word) => word !== ""));
    expect(parse).toThrow(UsageError);
    expect(parse).toThrow(message);
  });

  it("takes its own examples", () => {
    for (const name of NAMES)
      for (const example of COMMANDS[name].examples) {
        const args = example.replace("4f1f…", HASH).split(" ").slice(1);
        expect(parseCommand(args)).toMatchObject({ do: name });
      }
  });
});

describe("texts", () => {
  it.each([undefined, ...NAMES])("help of %s", (topic) => {
    expect(helpText(topic)).toMatchSnapshot("text");
  });

  it.each(SHELLS)("completion for %s", (shell) => {
    expect(completionScript(shell)).toMatchSnapshot("script");
  });
});
