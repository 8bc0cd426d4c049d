import { describe, expect, it } from "vitest";
import { apiRemote } from "./api-remote.ts";
import { TEST_CERTIFICATE, TEST_KEY } from "./pem.fixture.ts";

const COMPLETE = {
  enabled: true,
  port: 8443,
  "ca-certificate": TEST_CERTIFICATE,
  "server-certificate": TEST_CERTIFICATE,
  "server-key": TEST_KEY,
};

describe("api.remote", () => {
  it("takes PEM certificates, bundles of them, and keys", () => {
    expect(apiRemote.schema.safeParse(COMPLETE).success).toBe(true);
    const bundle = {
      ...COMPLETE,
      "ca-certificate": `note\n${TEST_CERTIFICATE}\n${TEST_CERTIFICATE}`,
    };
    expect(apiRemote.schema.safeParse(bundle).success).toBe(true);
  });

  it.each([
    ["ca-certificate", "hello"],
    ["ca-certificate", ""],
    ["server-certificate", TEST_KEY],
    ["server-certificate", TEST_CERTIFICATE.replace("MII", "AAA").slice(0, 200)],
    ["server-key", TEST_CERTIFICATE],
    ["server-key", "secret"],
    ["port", 0],
    ["port", 65536],
    ["port", 1.5],
  ])("refuses %s = %j without quoting it", (key, value) => {
    const parsed = apiRemote.schema.safeParse({ ...COMPLETE, [key]: value });
    expect(parsed.success).toBe(false);
    const text = JSON.stringify(parsed.error?.issues.map(({ path, message }) => [path, message]));
    expect(text).toContain(key);
    expect(text).not.toContain(String(value).slice(0, 40) || "nothing to leak");
  });

  it("needs CA, certificate and key to be enabled", () => {
    expect(apiRemote.check({ enabled: false, port: 1 })).toEqual([]);
    expect(apiRemote.check(COMPLETE)).toEqual([]);
    expect(apiRemote.check({ enabled: true, port: 1 }).map(({ key }) => key)).toEqual([
      "ca-certificate",
      "server-certificate",
      "server-key",
    ]);
  });

  it("renders no file: key material is in the database alone", () => {
    expect(apiRemote.services.flatMap(({ files }) => files)).toEqual([]);
  });
});
