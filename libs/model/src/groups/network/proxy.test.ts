import { describe, expect, it } from "vitest";
import { effectiveSettings, checkRules } from "../../effective.ts";
import { flatten } from "../../keys.ts";
import { parsePatch } from "../../patch.ts";
import { isSecret } from "../../schema.ts";
import { renderProxy } from "./proxy.ts";

describe("proxy settings", () => {
  it.each([
    { "https-proxy": "http://proxy.example.org:3128" },
    { "https-proxy": "https://192.0.2.1/" },
    { "https-proxy": "proxy.example.org:3128" },
    { "https-proxy": "[2001:db8::1]:3128" },
    { "https-proxy-credentials": "user:a:b c%" },
    { "https-proxy-credentials": "user:" },
    { "no-proxy": [".example.org", "*.example.org", "192.0.2.0/24", "2001:db8::/32", "h:80", "*"] },
    { "no-proxy": ["[2001:db8::1]:443", "2001:db8::1"] },
  ])("take %j", (value) => {
    expect(parsePatch({ network: value })).toMatchObject({ ok: true });
  });

  it.each([
    [{ "https-proxy": "" }, "https-proxy"],
    [{ "https-proxy": "ftp://proxy.example.org" }, "https-proxy"],
    [{ "https-proxy": "http://proxy.example.org/path" }, "https-proxy"],
    [{ "https-proxy": "http://proxy.example.org?x" }, "https-proxy"],
    [{ "https-proxy": "http://a b" }, "https-proxy"],
    [{ "https-proxy": "http://a\nb" }, "https-proxy"],
    [{ "https-proxy": "http://" }, "https-proxy"],
    [{ "https-proxy": `http://${"a".repeat(2048)}` }, "https-proxy"],
    [{ "https-proxy-credentials": "user" }, "https-proxy-credentials"],
    [{ "https-proxy-credentials": ":word" }, "https-proxy-credentials"],
    [{ "https-proxy-credentials": "a:b\nc" }, "https-proxy-credentials"],
    [{ "no-proxy": "a" }, "no-proxy"],
    [{ "no-proxy": ["a,b"] }, "no-proxy.0"],
    [{ "no-proxy": ["a b"] }, "no-proxy.0"],
    [{ "no-proxy": [""] }, "no-proxy.0"],
  ])("refuse %j", (value, key) => {
    const result = parsePatch({ network: value });
    expect(result.ok ? [] : result.issues.map((issue) => issue.key)).toEqual([`network.${key}`]);
  });

  it("keep a password out of what readers see", () => {
    const result = parsePatch({ network: { "https-proxy": "http://user:word@proxy.example.org" } });
    expect(JSON.stringify(result)).toContain("network.https-proxy-credentials");
    expect(JSON.stringify(result)).not.toContain("word@");
    expect(isSecret("network.https-proxy-credentials")).toBe(true);
  });

  it("have no credentials without a proxy", () => {
    const judge = (network: unknown) =>
      checkRules(effectiveSettings(flatten({ network }))).map(({ key }) => key);
    expect(judge({ "https-proxy-credentials": "a:b" })).toEqual([
      "network.https-proxy-credentials",
    ]);
    expect(judge({ "https-proxy-credentials": "a:b", "https-proxy": "a" })).toEqual([]);
  });

  it("render nothing without a proxy", () => {
    expect([...renderProxy({ "no-proxy": ["a"] })]).toEqual([]);
  });

  it("render both spellings of each variable, this machine always excepted", () => {
    const text = renderProxy({
      "https-proxy": "proxy.example.org:3128",
      "https-proxy-credentials": 'us@er:p:"$w',
      "no-proxy": [".example.org", "localhost"],
    }).get("proxy.env");
    const proxy = "http://us%40er:p%3A%22%24w@proxy.example.org:3128";
    const exceptions = "localhost,127.0.0.1,::1,.example.org";
    expect(text?.split("\n")).toEqual([
      `HTTPS_PROXY="${proxy}"`,
      `https_proxy="${proxy}"`,
      `NO_PROXY="${exceptions}"`,
      `no_proxy="${exceptions}"`,
      "",
    ]);
  });
});
