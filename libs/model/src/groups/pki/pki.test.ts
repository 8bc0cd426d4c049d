import { X509Certificate } from "node:crypto";
import { describe, expect, it } from "vitest";
import { checkRules, effectiveSettings } from "../../effective.ts";
import { flatten } from "../../keys.ts";
import { parsePatch } from "../../patch.ts";
import { renderService, SERVICES } from "../../services.ts";
import { TEST_KEY } from "../api-remote/pem.fixture.ts";
import { ALPHA, BETA, EXAMPLE } from "./certificates.fixture.ts";
import { caBundle, type Pki } from "./pki.ts";

const IMAGE = `# A comment\n${EXAMPLE}\n${BETA}`;

function base64(text: string): string {
  return Buffer.from(text).toString("base64");
}

function judge(pki: Pki): string[] {
  return checkRules(effectiveSettings(flatten({ pki }))).map(
    ({ key, reason }) => `${key} ${reason}`,
  );
}

/** Subjects of a bundle, read one by one by the runtime's own parser. */
function subjects(bundle: string): string[] {
  return bundle
    .split(/(?<=-----END CERTIFICATE-----\n)/)
    .map((block) => new X509Certificate(block).subject);
}

describe("pki.NAME.data", () => {
  it.each([
    ["one certificate", ALPHA],
    ["several, with text around them", `Subject: x\n${ALPHA}\n# y\n${BETA}\n`],
    ["base64 of PEM", base64(ALPHA + BETA)],
    ["base64 of PEM with a newline", `${base64(ALPHA)}\n`],
    ["lines that end as on Windows", ALPHA.replaceAll("\n", "\r\n")],
  ])("takes %s", (_, data) => {
    expect(parsePatch({ pki: { corp: { data } } }).ok).toBe(true);
  });

  it.each([
    ["nothing", ""],
    ["a text", "hello"],
    ["base64 of another text", base64("hello there, this is not PEM")],
    ["DER", base64(new X509Certificate(ALPHA).raw.toString("latin1"))],
    ["a private key", TEST_KEY],
    ["a private key beside a certificate", `${ALPHA}\n${TEST_KEY}`],
    ["a private key in base64", base64(`${ALPHA}\n${TEST_KEY}`)],
    ["a damaged certificate beside a good one", `${ALPHA}\n${BETA.replace("MII", "???")}`],
    ["a certificate without its end", `${ALPHA}\n${BETA.split("\n").slice(0, 3).join("\n")}`],
    ["a certificate of OpenSSL's own form", ALPHA.replaceAll("CERTIFICATE", "TRUSTED CERTIFICATE")],
    ["too much", ALPHA.repeat(300)],
  ])("refuses %s without quoting it", (_, data) => {
    const result = parsePatch({ pki: { corp: { data, trusted: true } } });
    expect(result).toMatchObject({ ok: false, issues: [{ key: "pki.corp.data" }] });
    expect(JSON.stringify(result)).not.toContain(data.slice(0, 40) || "nothing to leak");
  });
});

describe("settings.pki", () => {
  it("must say of each whether it is trusted", () => {
    expect(checkRules(effectiveSettings(new Map([["pki.corp.data", ALPHA]])))).toEqual([
      { key: "pki.corp.trusted", reason: "must be set" },
    ]);
  });

  it("cannot trust and distrust one certificate", () => {
    const one = { data: ALPHA, trusted: true };
    expect(judge({ one, two: { data: BETA, trusted: false } })).toEqual([]);
    expect(judge({ one, two: { data: base64(BETA + ALPHA), trusted: false } })).toEqual([
      "pki.two.data must not hold a certificate that another entry trusts",
    ]);
  });

  it("has a bound of all data together", () => {
    const data = `${ALPHA}${"# a comment\n".repeat(8000)}`;
    const entries = (count: number) =>
      Object.fromEntries(
        Array.from({ length: count }, (_, index) => [`e${index}`, { data, trusted: true }]),
      );
    expect(judge(entries(5))).toEqual([]);
    expect(judge(entries(6))).toEqual(["pki must hold at most 524288 characters of data"]);
  });

  it.each(["../x", "a/b", "A", "", "a".repeat(64)])("refuses the name %j", (name) => {
    expect(parsePatch({ pki: { [name]: { trusted: true } } }).ok).toBe(false);
  });
});

describe("caBundle()", () => {
  it("is the image's, plus what is trusted, minus what is not", () => {
    expect(subjects(caBundle(IMAGE, {}))).toEqual(["CN=test", "CN=beta"]);
    const entries = {
      corp: { data: base64(ALPHA), trusted: true },
      bad: { data: EXAMPLE, trusted: false },
    };
    expect(subjects(caBundle(IMAGE, entries))).toEqual(["CN=beta", "CN=alpha"]);
  });

  it("holds nothing twice, and nothing but certificates", () => {
    const bundle = caBundle(IMAGE, { again: { data: `note\n${BETA}${ALPHA}`, trusted: true } });
    expect(subjects(bundle)).toEqual(["CN=test", "CN=beta", "CN=alpha"]);
    expect(bundle).not.toContain("note");
    expect(bundle).not.toContain("comment");
  });

  it("is the file that programs read, made from the image's", () => {
    const entry = SERVICES.find(({ service }) => service.name === "pki");
    if (entry === undefined) throw new Error("no service");
    const texts = new Map([["/usr/lib/ballast/ca-certificates.crt", IMAGE]]);
    expect(renderService(entry, new Map(), texts)).toEqual([
      { path: "pki/ca-certificates.crt", mode: 0o644, text: caBundle(IMAGE, {}) },
    ]);
    expect(() => renderService(entry, new Map())).toThrow(
      'Cannot make "pki/ca-certificates.crt": the image has no /usr/lib/ballast/ca-certificates.crt',
    );
  });
});
