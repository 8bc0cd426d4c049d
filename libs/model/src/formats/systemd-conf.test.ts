import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { systemdConf } from "./systemd-conf.ts";

/** Reads as systemd.syntax(7) says: continuation lines, comments, blanks around the value dropped, sections by header. */
function read(text: string): [section: string, key: string, value: string][] {
  const found: [string, string, string][] = [];
  let section = "";
  for (const line of text.replaceAll(/\\\n/g, " ").split("\n")) {
    const trimmed = line.trim();
    if (trimmed === "" || /^[#;]/.test(trimmed)) continue;
    const header = /^\[(.*)\]$/.exec(trimmed);
    if (header !== null) section = header[1] ?? "";
    else {
      const at = trimmed.indexOf("=");
      found.push([section, trimmed.slice(0, at).trim(), trimmed.slice(at + 1).trim()]);
    }
  }
  return found;
}

describe("systemdConf()", () => {
  it("writes sections in order, without those that are empty", () => {
    const text = systemdConf([
      { name: "Match", entries: [["Name", "eth0"]] },
      { name: "Link", comments: ["nothing"], entries: [["MTUBytes", undefined]] },
      {
        name: "Network",
        comments: ["for people"],
        entries: [
          ["DHCP", true],
          ["LLMNR", false],
          ["Address", "192.0.2.1/24"],
          ["Weight", 7],
        ],
      },
    ]);
    expect(text).toBe(
      "[Match]\nName=eth0\n\n[Network]\n# for people\nDHCP=yes\nLLMNR=no\nAddress=192.0.2.1/24\nWeight=7\n",
    );
    expect(systemdConf([])).toBe("");
  });

  it.each(["", " a", "a ", "a\\", "a\nDNS=192.0.2.1", "a\r", "\u0085", "\ud800"])(
    "refuses the value %j",
    (value) => {
      expect(() => systemdConf([{ name: "A", entries: [["B", value]] }])).toThrow('"B"');
    },
  );

  it.each(["a\nb", "a\\"])("refuses the comment %j", (comment) => {
    const section = { name: "A", comments: [comment], entries: [["B", "c"]] } as const;
    expect(() => systemdConf([section])).toThrow("comment");
  });

  it("is read back as it was, or refused", () => {
    const value = fc.oneof(fc.string({ unit: "binary" }), fc.stringMatching(/^[ a\\#;=\n[\]]*$/));
    fc.assert(
      fc.property(value, (text) => {
        let written: string;
        try {
          written = systemdConf([{ name: "S", entries: [["K", text]] }]);
        } catch {
          return;
        }
        expect(read(written)).toEqual([["S", "K", text]]);
      }),
    );
  });
});
