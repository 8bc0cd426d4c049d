import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { updatesStatus } from "../updates/status.fixture.ts";
import { metricFamilies, type Facts } from "./collect.ts";
import { prometheusText, type MetricFamily } from "./prometheus-text.ts";
import { createRequestCounter } from "./request-counter.ts";

function family(samples: MetricFamily["samples"], help = "Help."): MetricFamily {
  return { name: "a_total", help, type: "counter", samples };
}

/** Reads one sample with labels as the format's description has it, from its first character to its last. */
function readSample(line: string): { labels: Record<string, string>; value: string } {
  const labels: Record<string, string> = {};
  let rest = line.slice(line.indexOf("{") + 1);
  while (!rest.startsWith("}")) {
    const name = rest.slice(0, rest.indexOf("="));
    let value = "";
    let at = name.length + 2;
    for (; rest[at] !== '"'; at += 1) {
      if (at >= rest.length || rest[at] === "\n") throw new Error("A label has no end");
      if (rest[at] === "\\") {
        at += 1;
        value += rest[at] === "n" ? "\n" : rest[at];
      } else value += rest[at];
    }
    labels[name] = value;
    rest = rest.slice(at + 1).replace(/^,/, "");
  }
  return { labels, value: rest.slice(2) };
}

describe("prometheusText()", () => {
  it.each([
    ["a plain value", [{ value: 3 }], "a_total 3"],
    ["a label", [{ labels: { x: "y" }, value: 0.5 }], 'a_total{x="y"} 0.5'],
    ["labels", [{ labels: { x: "y", z: "" }, value: 1e21 }], 'a_total{x="y",z=""} 1e+21'],
    [
      "what must be escaped",
      [{ labels: { x: 'C:\\dir "a"\nb' }, value: -1 }],
      String.raw`a_total{x="C:\\dir \"a\"\nb"} -1`,
    ],
    [
      "other characters as they are",
      [{ labels: { x: "ü,{}=#" }, value: 0 }],
      'a_total{x="ü,{}=#"} 0',
    ],
    ["no number", [{ value: Number.NaN }], "a_total NaN"],
    ["infinity", [{ value: Infinity }, { value: -Infinity }], "a_total +Inf\na_total -Inf"],
  ])("writes %s", (_name, samples, lines) => {
    expect(prometheusText([family(samples)])).toBe(
      `# HELP a_total Help.\n# TYPE a_total counter\n${lines}\n`,
    );
  });

  it("escapes the help, but not its quotes", () => {
    expect(prometheusText([family([{ value: 1 }], 'a\\b\n"c"')])).toContain(
      String.raw`# HELP a_total a\\b\n"c"` + "\n",
    );
  });

  it("leaves out what has no sample", () => {
    expect(prometheusText([family([])])).toBe("");
  });

  it.each(["", "1a", "a-b", "a b", "ü"])("refuses the name %j", (name) => {
    expect(() => prometheusText([{ ...family([{ value: 1 }]), name }])).toThrow("name");
    expect(() => prometheusText([family([{ labels: { [name]: "" }, value: 1 }])])).toThrow("name");
  });

  it("writes any label so that it is read back the same", () => {
    const text = fc.string({ unit: "grapheme" });
    fc.assert(
      fc.property(text, text, (one, two) => {
        const samples = [{ labels: { one, two }, value: 7 }];
        const lines = prometheusText([family(samples)]).split("\n");
        expect(lines).toHaveLength(4);
        expect(readSample(lines[2] ?? "")).toEqual({ labels: { one, two }, value: "7" });
      }),
    );
  });
});

describe("createRequestCounter()", () => {
  it("counts by method, route and status, and all that is made up as one", () => {
    const counter = createRequestCounter(new Set(["/os"]));
    for (let number = 0; number < 1000; number += 1) counter.count("GET", `/x${number}`, 404);
    counter.count("GET", "/os", 200);
    counter.count("GET", "/os", 200);
    counter.count("BREW", "/os", 405);
    expect(counter.samples()).toEqual([
      { labels: { method: "GET", route: "other", status: "404" }, value: 1000 },
      { labels: { method: "GET", route: "/os", status: "200" }, value: 2 },
      { labels: { method: "other", route: "/os", status: "405" }, value: 1 },
    ]);
  });
});

describe("metricFamilies()", () => {
  const flags = {
    priority: 2,
    tries_left: 7,
    successful: true,
    qualifies: true,
    root_hash: "",
    state: "active",
  } as const;
  const copy = { state: "valid", trusted: true, fault: null } as const;
  const facts: Facts = {
    os: {
      pretty_name: "Ballast",
      variant_id: "standalone",
      version_id: "1.2.3",
      build_id: "b",
      arch: "x86_64",
      slot: "B",
      root_hash: null,
    },
    health: {
      status: "degraded",
      checks: [
        { name: "settings", status: "ok" },
        { name: 'health."my check"', status: "failed", reason: "No" },
      ],
    },
    updates: updatesStatus({
      update_state: "Available",
      chosen_update: { arch: "x86_64", version: "1.3.0", variant: "standalone" },
      failed: [{ version: "1.2.9", root_hash: "", at: "", reason: "" }],
      checked_at: "2026-05-01T11:30:00Z",
    }),
    slots: {
      disk: "/dev/vda",
      active: "B",
      next: "A",
      conflict: null,
      trial: false,
      slots: { A: { ...flags, successful: false, tries_left: 0 }, B: flags },
      copies: { primary: copy, backup: copy },
      last_failure: null,
    },
    containers: [
      {
        ...{ name: "web", kind: "workload", state: "running", since: null, restarts: 2 },
        ...{ exit_code: 1, health: "none", health_reason: null, image: "a.io/web:1" },
        ...{ digest: null, reason: null, next_try: null },
        ...{ cpu_usage_us: 1_500_000, memory_bytes: 4096, pids: 3 },
      },
      {
        ...{ name: "off", kind: "workload", state: "disabled", since: null, restarts: 0 },
        ...{ exit_code: null, health: "none", health_reason: null, image: "a.io/web:1" },
        ...{ digest: null, reason: null, next_try: null },
        ...{ cpu_usage_us: null, memory_bytes: null, pids: null },
      },
    ],
    requests: [{ labels: { method: "GET", route: "/os", status: "200" }, value: 5 }],
    commits: 12,
    certificates: [{ name: "server-certificate", fromMs: 0, untilMs: 1_800_000_000_000 }],
    process: { residentBytes: 1024, heapBytes: 512, cpuSeconds: 1.5, startedAtMs: 1000 },
  };

  it("tells all of it", () => {
    expect(prometheusText(metricFamilies(facts))).toMatchSnapshot();
  });

  it("leaves out slots that cannot be read and certificates that are not there", () => {
    const text = prometheusText(metricFamilies({ ...facts, slots: undefined, certificates: [] }));
    expect(text).not.toMatch(/slot_|certificate/);
    expect(text).toContain("ballast_healthy 0");
  });

  it("names each metric once", () => {
    const names = metricFamilies(facts).map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
  });
});
