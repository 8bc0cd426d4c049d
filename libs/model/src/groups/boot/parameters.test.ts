import * as fc from "fast-check";
import * as fs from "node:fs";
import { describe, expect, it } from "vitest";
import * as z from "zod";
import { checkRules, effectiveSettings } from "../../effective.ts";
import { flatten } from "../../keys.ts";
import { parsePatch } from "../../patch.ts";
import { INIT_PARAMETERS, KERNEL_PARAMETERS } from "./parameter-rules.ts";
import { faultOfValues, isAllowedText, parametersText } from "./parameters.ts";

const SELECTOR = new URL("../../../../../kernel/selector/", import.meta.url);
const Vectors = z.array(z.strictObject({ text: z.string(), allowed: z.boolean() }));
const vectors = Vectors.parse(
  JSON.parse(fs.readFileSync(new URL("parameter-vectors.json", SELECTOR), "utf8")),
);
const NAMES = [...Object.keys(KERNEL_PARAMETERS), ...Object.keys(INIT_PARAMETERS)];

describe("the list that the selector has too", () => {
  it.each(vectors)("$text", ({ text, allowed }) => {
    expect(isAllowedText(text)).toBe(allowed);
  });

  it("has the same names, each with something that is allowed", () => {
    const source = fs.readFileSync(new URL("parameters.c", SELECTOR), "utf8");
    const compiled = [
      ...source.matchAll(/(?:ONE_OF\(|BETWEEN\(|PROCESSORS\(|\.name = )"([^"]+)"/g),
    ];
    expect(new Set(compiled.map(([, name]) => name))).toEqual(new Set(NAMES));
    const tested = vectors.filter(({ allowed }) => allowed).map(({ text }) => text.split("=")[0]);
    expect(NAMES.filter((name) => !tested.includes(name))).toEqual([]);
  });

  it("stands in the guide", () => {
    const guide = fs.readFileSync(
      new URL("../../docs/guides/boot-parameters.md", SELECTOR),
      "utf8",
    );
    expect(NAMES.filter((name) => !guide.includes(`\`${name}\``))).toEqual([]);
  });

  it("has no name twice, for kernel and init share one command line", () => {
    expect(new Set(NAMES).size).toBe(NAMES.length);
  });
});

describe("boot.kernel-parameters and boot.init-parameters", () => {
  const judge = (boot: unknown) =>
    checkRules(effectiveSettings(flatten({ boot }))).map(({ key, reason }) => `${key} ${reason}`);

  it("are one text, whatever the order in which they were set", () => {
    const init = { "systemd.log_level": ["debug"] };
    expect(parametersText({ psi: ["1"], nosmt: [] }, init)).toBe(
      "nosmt psi=1 systemd.log_level=debug",
    );
    expect(parametersText({ nosmt: [], psi: ["1"] }, init)).toBe(
      "nosmt psi=1 systemd.log_level=debug",
    );
    expect(parametersText({}, {})).toBe("");
  });

  it("put each size of huge pages before its number", () => {
    const pages = { hugepages: ["4", "512"], hugepagesz: ["1G", "2M"], default_hugepagesz: ["2M"] };
    expect(parametersText(pages, {})).toBe(
      "default_hugepagesz=2M hugepagesz=1G hugepages=4 hugepagesz=2M hugepages=512",
    );
  });

  it.each([
    { "kernel-parameters": { hugepages: ["64"], "processor.max_cstate": ["1"] } },
    { "kernel-parameters": { nosmt: [], mitigations: ["auto,nosmt"] } },
    { "init-parameters": { "systemd.log_level": ["debug"] }, "reboot-to-reconcile": true },
  ])("take %j", (boot) => {
    expect(parsePatch({ boot }).ok).toBe(true);
    expect(judge(boot)).toEqual([]);
  });

  it.each([
    { "kernel-parameters": { root: ["/dev/vdb"] } },
    { "kernel-parameters": { "systemd.log_level": ["debug"] } },
    { "init-parameters": { hugepages: ["1"] } },
    { "init-parameters": { "systemd.unit": ["rescue.target"] } },
    { "kernel-parameters": { hugepages: "64" } },
  ])("refuse %j", (boot) => {
    expect(parsePatch({ boot }).ok).toBe(false);
  });

  it("tell what a value must be", () => {
    const kernel = {
      hugepages: ["many"],
      mitigations: ["off"],
      nosmt: ["auto"],
      psi: [],
      irqaffinity: ["0 root=/dev/vdb"],
      loglevel: ["1", "2"],
    };
    expect(judge({ "kernel-parameters": kernel })).toEqual([
      "boot.kernel-parameters.hugepages must be a whole number from 0 to 16777216",
      'boot.kernel-parameters.mitigations must be "auto,nosmt"',
      'boot.kernel-parameters.nosmt must be "force" or without a value',
      'boot.kernel-parameters.psi must be "0" or "1"',
      "boot.kernel-parameters.irqaffinity must be a list like 0,2-5",
      "boot.kernel-parameters.loglevel must have one value",
    ]);
  });

  it("want as many numbers of huge pages as sizes", () => {
    const fault = "boot.kernel-parameters.hugepages must have";
    expect(judge({ "kernel-parameters": { hugepages: ["1", "2"] } })).toEqual([
      `${fault} one value without hugepagesz`,
    ]);
    const pages = { hugepagesz: ["1G", "2M"], hugepages: ["1"] };
    expect(judge({ "kernel-parameters": pages })).toEqual([
      `${fault} as many values as hugepagesz`,
    ]);
    expect(judge({ "kernel-parameters": { hugepagesz: ["1G"] } })).toHaveLength(1);
  });

  it("give a text that the selector takes whenever their values are good", () => {
    const value = fc.oneof(
      fc.constantFrom(...vectors.map(({ text }) => text.slice(text.indexOf("=") + 1))),
      fc.nat().map(String),
    );
    const table = fc.dictionary(
      fc.constantFrom(...NAMES.filter((name) => !name.startsWith("hugepages"))),
      fc.array(value, { maxLength: 2 }),
      { maxKeys: 6 },
    );
    fc.assert(
      fc.property(table, (parameters) => {
        const good = Object.entries(parameters).filter(
          ([name, values]) => faultOfValues(name, values) === undefined,
        );
        const text = parametersText(Object.fromEntries(good), {});
        expect(text === "" || isAllowedText(text)).toBe(true);
      }),
    );
  });
});
