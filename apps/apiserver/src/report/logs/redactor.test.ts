import { generateKeyPairSync } from "node:crypto";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createRedactor } from "./redactor.ts";
import { secretTexts } from "./secret-texts.ts";

const redact = (text: string, secrets: readonly string[] = []): string => {
  const redactor = createRedactor(secrets);
  return text
    .split("\n")
    .map((line) => redactor.line(line))
    .join("\n");
};

const JWT = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJ4In0.c2lnbmF0dXJl-Xx_";

describe("what looks like a secret", () => {
  it.each([
    // Line, the secret in it, what must stay
    ["GET / Authorization: Bearer s3cr3t-t0ken", "s3cr3t-t0ken", "GET / Authorization: [redacted"],
    ["authorization=Basic dXNlcjpwYXNzd29yZA== done", "dXNlcjpwYXNzd29yZA", "authorization="],
    ['{"Authorization":"Basic dXNlcjpwYXNz","a":1}', "dXNlcjpwYXNz", '","a":1}'],
    [
      String.raw`{"msg":"{\"Authorization\":\"token abc def\",\"b\":2}"}`,
      "abc def",
      String.raw`\",\"b\":2}"}`,
    ],
    ["map[Authorization:[Bearer s3cr3t] Host:[x]]", "s3cr3t", "] Host:[x]]"],
    [
      'Proxy-Authorization: Digest username="u", response="6629fae49393"',
      "6629fae49393",
      "Proxy-Authorization: Digest ",
    ],
    ["sent header Bearer abcdef123456, got 401", "abcdef123456", ", got 401"],
    ["with basic QWxhZGRpbjpvcGVu now", "QWxhZGRpbjpvcGVu", " now"],
    ["Set-Cookie: sid=31d4d96e407aad42; Path=/", "31d4d96e407aad42", "Set-Cookie: "],
    ["pulling https://user:p4ss%21@r.example.org/v2/x", "p4ss%21", "@r.example.org/v2/x"],
    ["pulling https://ghosttoken@r.example.org/x", "ghosttoken", "@r.example.org/x"],
    ["postgres://u:p#s?s@db:5432/x", "p#s?s", "@db:5432/x"],
    ["proxy user:hunter22@proxy:3128 refused", "hunter22", "@proxy:3128 refused"],
    ["login password=hunter2 user=root", "hunter2", " user=root"],
    ['{"password": "correct horse", "user": "u"}', "correct horse", '", "user": "u"}'],
    [String.raw`{"m":"{\"token\": \"a b c\", \"u\": 1}"}`, "a b c", String.raw`, \"u\": 1}"}`],
    ["REGISTRY_PASSWORD='s p a c e' next", "s p a c e", "' next"],
    ["https://x/y?access_token=abc123&page=2", "abc123", "&page=2"],
    ["https://b/k?X-Amz-Signature=deadbeef&x=1", "deadbeef", "&x=1"],
    ["run --password hunter2 --user u", "hunter2", " --user u"],
    ["curl -u admin:hunter2 http://x", "hunter2", " http://x"],
    ['{"auths":{"r":{"auth":"dXNlcjpwdw"}}}', "dXNlcjpwdw", '"}}}'],
    [`session ${JWT} ended`, "eyJzdWIiOiJ4In0", " ended"],
    ["push with ghp_abcdefghijklmnop1234 failed", "ghp_abcdefghijklmnop1234", " failed"],
    ["key AKIAIOSFODNN7EXAMPLE used", "AKIAIOSFODNN7EXAMPLE", " used"],
    ["root:$6$salt1234$abcdefghijkl:19000:", "$6$salt1234", ":19000:"],
    ["ca: LS0tLS1CRUdJTiBQUklWQVRFIEtFWS0tLS0t", "UklWQVRFIEtFWS0tLS0t", "ca: "],
  ])("%s", (line, secret, stays) => {
    const text = redact(line);
    expect(text).not.toContain(secret);
    expect(text).toContain(stays);
    expect(text).toMatch(/\[redacted [a-z ]+\]/);
  });

  it.each([
    "2026-11-24T12:00:00.000001+0000 host systemd[1]: Started signpost@status.service.",
    "pulled registry.example.org:5000/team/app:1.2@sha256:0123456789abcdef in 3 s",
    "Basic information about the system: basic services started",
    "API write who=local role=admin keys=settings.container-registry.credentials.x.password status=200",
    '{"key": "settings.api.remote.server-key", "action": "set", "secret": true}',
    "random: crng init done; tokens: 12; monkey=1",
    "mounted /dev/vda9 on /var type ext4 (rw,nosuid)",
  ])("leaves alone: %s", (line) => {
    expect(redact(line)).toBe(line);
  });

  it("goes from JSON without breaking it", () => {
    const value = {
      url: "https://u:p4ss@h/",
      password: 'a"b',
      auth: { auth: "dXNlcjpw" },
      keys: ["ok", "x\nAuthorization: Bearer abcdef"],
      secret: true,
      n: 1,
      none: null,
    };
    expect(createRedactor([]).json(value)).toEqual({
      url: "https://[redacted credentials]@h/",
      password: "[redacted secret]",
      auth: { auth: "[redacted secret]" },
      keys: ["ok", "x\nAuthorization: [redacted authorization]"],
      secret: true,
      n: 1,
      none: null,
    });
  });

  it("is found behind an escaped quote, and in a value without an end", () => {
    expect(redact(String.raw`{"password": "a\"bcd", "x": 1}`)).toBe(
      '{"password": "[redacted secret]", "x": 1}',
    );
    expect(redact('password="my long pass')).not.toContain("long");
  });

  it("is found twice as well as once", () => {
    const random = fc.stringMatching(/^[A-Za-z0-9]{12,20}$/);
    fc.assert(
      fc.property(fc.array(fc.tuple(FORMS, random), { minLength: 1, maxLength: 4 }), (all) => {
        const text = redact(all.map(([form, secret]) => form(`Zq7${secret}`)).join(" | "));
        for (const [, secret] of all) expect(text).not.toContain(secret);
        expect(redact(text)).toBe(text);
      }),
      { numRuns: 500 },
    );
  });
});

const FORMS = fc.constantFrom<(secret: string) => string>(
  (secret) => `password=${secret}`,
  (secret) => `{"token": "${secret}"}`,
  (secret) => `"Authorization": "Bearer ${secret}"`,
  (secret) => `https://u:${secret}@example.org/x`,
  (secret) => `Basic ${secret}`,
  (secret) => `--api-key ${secret}`,
  (secret) => `ghp_${secret}`,
);

describe("private keys", () => {
  const pem = generateKeyPairSync("ec", {
    namedCurve: "P-256",
    privateKeyEncoding: { type: "pkcs8", format: "pem" },
    publicKeyEncoding: { type: "spki", format: "pem" },
  }).privateKey;
  const body = pem.split("\n").slice(1, -2);

  it.each([
    ["as it is", pem],
    [
      "line by line with what other programs log",
      pem
        .split("\n")
        .map((line, at) => `12:00 a[1]: ${line}\n12:00 b[2]: unit ${at}.service is up`)
        .join("\n"),
    ],
    ["in one line of JSON", JSON.stringify({ key: pem, next: 1 })],
    ["twice in one line", `${JSON.stringify(pem)} and ${JSON.stringify(pem)} end`],
    ["without an end", pem.split("\n").slice(0, -2).join("\n")],
    ["of OpenSSH", pem.replaceAll("PRIVATE KEY", "OPENSSH PRIVATE KEY")],
  ])("%s", (_, text) => {
    const redacted = redact(`before\n${text}\nafter: 1`);
    for (const line of body) expect(redacted).not.toContain(line);
    expect(redacted).toContain("before");
    expect(redacted).toContain("after: 1");
    expect(redacted).toContain("[redacted private key]");
  });

  it("what other programs log between the lines of a key stays", () => {
    const [begin = "", ...rest] = pem.split("\n");
    const text = [begin, "b[2]: x.service is up: 7", ...rest].join("\n");
    expect(redact(text)).toContain("b[2]: x.service is up: 7");
  });

  it("a beginning without an end does not hide the rest of the journal", () => {
    const lines = [
      "-----BEGIN PRIVATE KEY-----",
      ...Array.from({ length: 300 }, () => "word"),
      "last-word",
    ];
    expect(redact(lines.join("\n")).split("\n").at(-1)).toBe("last-word");
  });
});

describe("secret settings", () => {
  it("are found in every form", () => {
    const userData = Buffer.from('{"ssh-authorized-keys": ["ssh-ed25519 AAAA operator"]}').toString(
      "base64",
    );
    const secrets = secretTexts(
      new Map<string, unknown>([
        ["motd", "not a secret at all"],
        ["container-registry.credentials.x.password", 'p"w/ö1'],
        ["host-containers.admin.user-data", userData],
        [
          "api.remote.server-key",
          "-----BEGIN PRIVATE KEY-----\nMIGHAgEAMBMGByqGSM49\n-----END PRIVATE KEY-----\n",
        ],
      ]),
    );
    const text = redact(
      [
        `a p"w/ö1 b`,
        String.raw`a p\"w/ö1 b`,
        "a p%22w%2F%C3%B61 b",
        `c ${userData}`,
        'd {"ssh-authorized-keys": ["ssh-ed25519 AAAA operator"]}',
        "e MIGHAgEAMBMGByqGSM49",
        "f not a secret at all",
      ].join("\n"),
      secrets,
    );
    expect(text).toBe(
      [
        "a [redacted secret setting] b",
        "a [redacted secret setting] b",
        "a [redacted secret setting] b",
        "c [redacted secret setting]",
        "d [redacted secret setting]",
        "e [redacted secret setting]",
        "f not a secret at all",
      ].join("\n"),
    );
  });
});
