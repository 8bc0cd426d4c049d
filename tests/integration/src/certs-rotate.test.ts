import { generateKeyPairSync, X509Certificate } from "node:crypto";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { once } from "node:events";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { connect } from "node:tls";
import { describe, expect, it, onTestFinished } from "vitest";
import { startMachine, type Machine } from "./machine.ts";
import { freePort } from "./remote-machine.ts";

const BAD_CA = "ca.pem and ca.key must be those that apiclient bootstrap made";

/** A machine that serves with what `apiclient bootstrap` made. */
async function bootstrap(role = "admin") {
  const machine = await startMachine();
  const parent = mkdtempSync(join(tmpdir(), "rotate-"));
  onTestFinished(async () => {
    await machine[Symbol.asyncDispose]();
    rmSync(parent, { recursive: true });
  });
  const folder = join(parent, "creds");
  const made = await machine.client(["bootstrap", "--out", folder, "--role", role, "--days", "30"]);
  expect(made.exitCode).toBe(0);
  const port = await freePort();
  const read = (name: string): string => readFileSync(join(folder, name), "utf8");
  const remote = {
    enabled: true,
    port,
    "ca-certificate": read("ca.pem"),
    "server-certificate": read("server.pem"),
    "server-key": read("server.key"),
  };
  expect((await machine.set({ api: { remote } })).status).toBe(200);
  const call = (...words: string[]) =>
    machine.client(["--remote", `localhost:${port}`, "--credentials", folder, ...words]);
  return { machine, folder, port, read, call };
}

async function serverCertificate(port: number, folder: string): Promise<X509Certificate> {
  const read = (name: string): Buffer => readFileSync(join(folder, name));
  const socket = connect({
    port,
    host: "localhost",
    ca: read("ca.pem"),
    cert: read("client.pem"),
    key: read("client.key"),
  });
  await once(socket, "secureConnect");
  const certificate = socket.getPeerX509Certificate();
  socket.destroy();
  if (certificate === undefined) throw new Error("The server has shown no certificate");
  return certificate;
}

async function waiting(machine: Machine): Promise<unknown> {
  return (await machine.call("GET", "/tx/try")).json;
}

describe("apiclient certs rotate", () => {
  it("renews the certificates of machine and client, and keeps the former directory", async () => {
    const { machine, folder, port, read, call } = await bootstrap();
    const before = { server: read("server.pem"), client: read("client.pem"), ca: read("ca.pem") };
    const rotated = await call("certs", "rotate", "--days", "60", "--json");
    expect([rotated.exitCode, rotated.stderr]).toEqual([0, ""]);
    const [former = ""] = readdirSync(dirname(folder)).filter((name) => name !== "creds");
    expect(JSON.parse(rotated.stdout)).toMatchObject({
      directory: folder,
      former: join(dirname(folder), former),
    });
    expect(readFileSync(join(dirname(folder), former, "server.pem"), "utf8")).toBe(before.server);
    expect(read("ca.pem")).toBe(before.ca);
    expect(read("client.pem")).not.toBe(before.client);
    const shown = await serverCertificate(port, folder);
    expect(shown.fingerprint256).toBe(new X509Certificate(read("server.pem")).fingerprint256);
    expect(shown.fingerprint256).not.toBe(new X509Certificate(before.server).fingerprint256);
    expect(shown.subjectAltName).toBe(new X509Certificate(before.server).subjectAltName);
    expect(shown.validToDate.getTime()).toBeGreaterThan(Date.now() + 59 * 24 * 3_600_000);
    expect(read("user-data.toml")).toContain(read("server.key"));
    expect((await call("health")).stdout).toContain("certificates");
    expect(await waiting(machine)).toEqual({ waiting: null });
    expect((await machine.call("GET", "/tx/list")).json).toEqual([]);
    expect(machine.log).not.toContain(read("server.key").split("\n")[1] ?? "");
  });

  it("changes nothing without the role for it", async () => {
    const { machine, folder, port, read, call } = await bootstrap("operator");
    const before = read("server.pem");
    const refused = await call("certs", "rotate");
    expect([refused.exitCode, refused.stderr]).toEqual([
      77,
      expect.stringContaining("needs role admin"),
    ]);
    expect(read("server.pem")).toBe(before);
    const shown = await serverCertificate(port, folder);
    expect(shown.fingerprint256).toBe(new X509Certificate(before).fingerprint256);
    expect((await machine.call("GET", "/tx/list")).json).toEqual([]);
  });

  const otherKey = generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey;

  it.each([
    ["a foreign file", "notes.txt", "mine", 'it holds "notes.txt" too'],
    ["no key", "ca.key", "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n", BAD_CA],
    [
      "the key of another authority",
      "ca.key",
      otherKey.export({ type: "pkcs8", format: "pem" }),
      BAD_CA,
    ],
  ])("begins nothing with %s in the directory", async (_name, file, text, reason) => {
    const { machine, folder, call } = await bootstrap();
    writeFileSync(join(folder, file), text);
    const { headers } = await machine.call("GET", "/settings");
    const refused = await call("certs", "rotate");
    expect(refused.exitCode).not.toBe(0);
    expect(refused.stderr).toContain(reason);
    expect((await machine.call("GET", "/settings")).headers.etag).toBe(headers.etag);
  });

  it("is about the remote API only", async () => {
    const { machine } = await bootstrap();
    const refused = await machine.client(["certs", "rotate"]);
    expect([refused.exitCode, refused.stderr]).toEqual([64, expect.stringContaining("--remote")]);
  });
});
