import { BallastError } from "@ballast/errors";
import { describe, expect, it } from "vitest";
import { createLog, errorFields } from "./index.ts";

function record(journal: boolean): { lines: string[]; log: ReturnType<typeof createLog> } {
  const lines: string[] = [];
  return { lines, log: createLog({ write: (line) => lines.push(line), journal }) };
}

describe("createLog()", () => {
  it("prefixes the syslog priority in the journal only", () => {
    const journal = record(true);
    journal.log.warn("Disk is slow", { ms: 12 });
    expect(journal.lines).toEqual(["<4>Disk is slow ms=12\n"]);
    const terminal = record(false);
    terminal.log.warn("Disk is slow");
    expect(terminal.lines).toEqual(["warn: Disk is slow\n"]);
  });

  it("keeps an event on one line whatever a value holds", () => {
    const { lines, log } = record(true);
    log.info("Read", { name: "a b\n<0>forged" });
    expect(lines).toEqual(['<6>Read name="a b\\n<0>forged"\n']);
  });

  it("drops what is below the level", () => {
    const { lines, log } = record(true);
    log.debug("Noise");
    expect(lines).toEqual([]);
  });
});

describe("errorFields()", () => {
  it("gives the code and the chain of reasons", () => {
    const error = new BallastError("x.y", "Cannot read", { cause: new Error("gone") });
    expect(errorFields(error)).toEqual({ code: "x.y", reason: "Cannot read: gone" });
  });
});
