import { describe, expect, it } from "vitest";
import { summarizeFigures } from "./report.ts";
import { alignRows, formatGroup, formatRatio, formatValue } from "./table.ts";

describe("summarizeFigures()", () => {
  it("sets a figure against the median of its baseline", () => {
    const [base, ours] = summarizeFigures([
      { name: "base", unit: "ms", values: [10, 12, 11] },
      { name: "ours", unit: "ms", values: [22], baseline: "base" },
    ]);
    expect(base).not.toHaveProperty("ratio");
    expect(ours).toMatchObject({ median: 22, ratio: 2 });
  });

  it("gives no ratio to a baseline that is missing or nothing", () => {
    const figures = summarizeFigures([
      { name: "gone", notMeasured: "it takes an hour" },
      { name: "nothing", unit: "s", values: [0] },
      { name: "a", unit: "s", values: [1], baseline: "gone" },
      { name: "b", unit: "s", values: [1], baseline: "nothing" },
    ]);
    for (const figure of figures) expect(figure).not.toHaveProperty("ratio");
  });
});

describe("formatGroup()", () => {
  it("aligns the rows and says what is missing", () => {
    const text = formatGroup({
      name: "start",
      does: "start of programs",
      loadBefore: 1.26,
      seconds: 3,
      figures: summarizeFigures([
        { name: "empty", unit: "ms", values: [20, 30, 25] },
        { name: "a program", unit: "ms", values: [50, 60, 40], baseline: "empty" },
        { name: "cold", notMeasured: "it needs a disk that nobody else uses" },
      ]),
      notes: ["a note"],
    });
    expect(text).toBe(
      [
        "start: start of programs (load 1.3)",
        "              median          min … max  n   ratio  baseline",
        "  empty      25.0 ms  20.0 ms … 30.0 ms  3",
        "  a program  50.0 ms  40.0 ms … 60.0 ms  3  × 2.00  empty",
        "  cold       not measured: it needs a disk that nobody else uses",
        "  - a note",
        "",
      ].join("\n"),
    );
  });

  it("shows why a group has no figures", () => {
    const group = {
      name: "boot",
      does: "boots",
      loadBefore: 0,
      seconds: 1,
      figures: [],
      notes: [],
    };
    expect(formatGroup({ ...group, failure: "no image" })).toBe(
      "boot: boots (load 0.0)\n  FAILED: no image\n",
    );
  });
});

describe("alignRows()", () => {
  it("lets the last cell of a short row run on", () => {
    expect(
      alignRows([
        ["a", "1", "2", "3", "4", "x"],
        ["b", "something long"],
      ]),
    ).toEqual(["a  1  2  3  4  x", "b  something long"]);
  });
});

describe("formatValue() and formatRatio()", () => {
  it("use the unit that people use", () => {
    expect(formatValue(1536, "bytes")).toBe("1.5 KiB");
    expect(formatValue(3 << 20, "bytes")).toBe("3.0 MiB");
    expect(formatValue(5 * 2 ** 30, "bytes")).toBe("5120.0 MiB");
    expect(formatValue(1.234, "ms")).toBe("1.23 ms");
    expect(formatValue(12.34, "s")).toBe("12.34 s");
    expect(formatValue(1234, "s")).toBe("1234 s");
    expect(formatValue(8800.4, "per second")).toBe("8800 /s");
  });

  it("keep three digits that count", () => {
    expect([0, 0.01234, 0.5, 1, 12.34, 1234].map(formatRatio)).toEqual([
      "0",
      "0.0123",
      "0.500",
      "1.00",
      "12.3",
      "1234",
    ]);
  });
});
