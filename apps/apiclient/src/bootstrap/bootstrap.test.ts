import { X509Certificate } from "node:crypto";
import * as fs from "node:fs";
import { createServer, type Server, type ServerOptions } from "node:https";
import * as os from "node:os";
import * as path from "node:path";
import { TLSSocket } from "node:tls";
import { parsePatch } from "@ballast/model";
import { parse } from "smol-toml";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { apiclient, run, type Ended } from "../test-process.ts";
import { parseNames } from "./names.ts";

const folder = fs.mkdtempSync(path.join(os.tmpdir(), "bootstrap-"));
const creds = path.join(folder, "creds");
const FILES = [
  "ca.key",
  "ca.pem",
  "client.key",
  "client.pem",
  "server.key",
  "server.pem",
  "user-data.toml",
];
const at = (name: string, dir = creds): string => path.join(dir, name);
const read = (name: string, dir = creds): string => fs.readFileSync(at(name, dir), "utf8");

let made: Ended;
beforeAll(async () => {
  const args = ["--hostname", "web-1", "--role", "operator", "--days", "30", "--port", "9443"];
  made = await apiclient(["bootstrap", "--out", creds, ...args, "--json"]);
});
afterAll(() => {
  fs.rmSync(folder, { recursive: true });
});

async function openssl(...args: string[]): Promise<string> {
  const { status, stdout, stderr } = await run("openssl", args);
  expect([status, stderr]).toEqual([0, expect.any(String)]);
  return stdout;
}

function extensions(certificate: string): Promise<string> {
  return openssl("x509", "-in", at(certificate), "-noout", "-text");
}

function modeOf(file: string): number {
  return fs.statSync(file).mode & 0o777;
}

describe("the report", () => {
  it("says what was made", () => {
    expect(made).toMatchObject({ status: 0, stderr: "" });
    expect(JSON.parse(made.stdout)).toMatchObject({
      directory: creds,
      names: ["ballast", "localhost", "127.0.0.1", "::1", "web-1"],
      role: "operator",
    });
  });
});

describe("certificates, judged by openssl", () => {
  it("form strict chains for their purposes", async () => {
    const verify = (...args: string[]) =>
      openssl("verify", "-x509_strict", "-CAfile", at("ca.pem"), ...args);
    for (const name of ["ballast", "localhost", "web-1"])
      expect(
        await verify("-purpose", "sslserver", "-verify_hostname", name, at("server.pem")),
      ).toContain("OK");
    for (const ip of ["127.0.0.1", "::1"])
      expect(await verify("-purpose", "sslserver", "-verify_ip", ip, at("server.pem"))).toContain(
        "OK",
      );
    expect(await verify("-purpose", "sslclient", at("client.pem"))).toContain("OK");
    const swapped = ["-purpose", "sslclient", at("server.pem")];
    expect((await run("openssl", ["verify", "-CAfile", at("ca.pem"), ...swapped])).status).not.toBe(
      0,
    );
  });

  it("say what each may do, and no more", async () => {
    const client = await extensions("client.pem");
    expect(client).toMatch(/Extended Key Usage: \n +TLS Web Client Authentication\n/);
    expect(client).toMatch(/Subject Alternative Name: \n +URI:ballast:role:operator\n/);
    expect(client).toMatch(/Key Usage: critical\n +Digital Signature\n/);
    expect(client).toMatch(/Basic Constraints: critical\n +CA:FALSE\n/);
    expect(client).toContain("NIST CURVE: P-256");
    const server = await extensions("server.pem");
    expect(server).toMatch(/Extended Key Usage: \n +TLS Web Server Authentication\n/);
    const ca = await extensions("ca.pem");
    expect(ca).toMatch(/Basic Constraints: critical\n +CA:TRUE, pathlen:0\n/);
    expect(ca).toMatch(/Key Usage: critical\n +Certificate Sign, CRL Sign\n/);
    for (const text of [client, server, ca])
      expect(text).toContain("X509v3 Authority Key Identifier");
  });

  it("have keys that fit, random serials and dates that bear a wrong clock", () => {
    const all = ["ca", "server", "client"].map((name) => new X509Certificate(read(`${name}.pem`)));
    for (const certificate of all) {
      expect(certificate.serialNumber).toMatch(/^[4-7][0-9A-F]{31}$/);
      const age = Date.now() - certificate.validFromDate.getTime();
      expect(age).toBeGreaterThanOrEqual(3_600_000 - 1000);
      expect(age).toBeLessThan(3_600_000 + 120_000);
    }
    expect(new Set(all.map(({ serialNumber }) => serialNumber)).size).toBe(3);
    const days = ((all[1]?.validToDate.getTime() ?? 0) - Date.now()) / 86_400_000;
    expect(days).toBeGreaterThan(29.9);
    expect(days).toBeLessThanOrEqual(30);
  });

  it("belong to their private keys", async () => {
    for (const name of ["ca", "server", "client"])
      expect(await openssl("pkey", "-in", at(`${name}.key`), "-pubout")).toBe(
        await openssl("x509", "-in", at(`${name}.pem`), "-noout", "-pubkey"),
      );
  });
});

describe("user-data.toml", () => {
  it("is accepted by the model and holds the same certificates", () => {
    const data = parse(read("user-data.toml"));
    expect(data).toEqual({
      settings: {
        network: { hostname: "web-1" },
        api: {
          remote: {
            enabled: true,
            port: 9443,
            "ca-certificate": read("ca.pem"),
            "server-certificate": read("server.pem"),
            "server-key": read("server.key"),
          },
        },
      },
    });
    expect(parsePatch(data["settings"]).ok).toBe(true);
  });
});

describe("the directory", () => {
  it("is the owner's alone, and so are the keys", () => {
    expect(fs.readdirSync(creds).toSorted()).toEqual(FILES);
    expect(modeOf(creds)).toBe(0o700);
    for (const name of ["ca.key", "server.key", "client.key", "user-data.toml"])
      expect(modeOf(at(name))).toBe(0o600);
    expect(fs.readdirSync(folder).filter((name) => name.includes("tmp"))).toEqual([]);
  });

  it("is never overwritten", async () => {
    const before = read("ca.key");
    const ended = await apiclient(["bootstrap", "--out", creds]);
    expect(ended.status).toBe(1);
    expect(ended.stderr).toContain(
      `Cannot write credentials to "${creds}": it holds "ca.key" already`,
    );
    expect(read("ca.key")).toBe(before);
  });

  it("is moved aside with --force, but not if it holds anything else", async () => {
    const out = path.join(folder, "again");
    fs.mkdirSync(out, { mode: 0o755 });
    expect((await apiclient(["bootstrap", "--out", out])).status).toBe(0);
    expect(modeOf(out)).toBe(0o700);
    const before = read("ca.key", out);
    const ended = await apiclient(["bootstrap", "--out", out, "--force"]);
    expect(ended.status).toBe(0);
    const [aside = ""] = fs.readdirSync(folder).filter((name) => name.startsWith("again.old-"));
    expect(read("ca.key", path.join(folder, aside))).toBe(before);
    expect(read("ca.key", out)).not.toBe(before);
    fs.writeFileSync(path.join(out, "thesis.txt"), "dear");
    const refused = await apiclient(["bootstrap", "--out", out, "--force"]);
    expect(refused.stderr).toContain('it holds "thesis.txt" already');
    expect(fs.existsSync(path.join(out, "thesis.txt"))).toBe(true);
  });

  it("is whole or absent whenever the program is killed", async () => {
    for (let round = 0; round < 8; round++) {
      const out = path.join(folder, `killed-${round}`);
      const main = path.join(import.meta.dirname, "../main.ts");
      const seconds = String(0.1 + round * 0.03);
      await run("timeout", [
        "-s",
        "KILL",
        seconds,
        process.execPath,
        main,
        "bootstrap",
        "--out",
        out,
      ]);
      expect([[], FILES]).toContainEqual(fs.existsSync(out) ? fs.readdirSync(out).toSorted() : []);
    }
  }, 20_000);

  it("that cannot be made is one clear sentence", async () => {
    const file = path.join(folder, "file");
    fs.writeFileSync(file, "");
    const ended = await apiclient(["bootstrap", "--out", path.join(file, "x")]);
    expect(ended.status).toBe(1);
    expect(ended.stderr).toMatch(/^apiclient: Cannot write credentials to ".*": ENOTDIR/);
  });
});

describe("parseNames()", () => {
  it("takes DNS names and addresses, without duplicates", () => {
    const names = ["Web.Example.org", "192.0.2.7", "2001:db8::1", "web.example.org"];
    expect(parseNames({ names, hostname: undefined })).toEqual([
      "web.example.org",
      "192.0.2.7",
      "2001:db8::1",
    ]);
  });

  it.each(["", "a b", "*.x", "x\n", "-x", "1.2.3", "x,DNS:y", `"`])("refuses %j", (name) => {
    expect(() => parseNames({ names: [name], hostname: undefined })).toThrow("--name");
    expect(() => parseNames({ names: [], hostname: name })).toThrow("--hostname");
  });
});

describe("a TLS round trip", () => {
  const servers: Server[] = [];
  afterAll(() => {
    for (const server of servers) server.close();
  });

  /** As the API server listens: TLS 1.3, client certificates of the CA only. */
  async function serve(dir: string, options: ServerOptions = {}): Promise<number> {
    const server = createServer(
      {
        ca: read("ca.pem", dir),
        cert: read("server.pem", dir),
        key: read("server.key", dir),
        requestCert: true,
        rejectUnauthorized: true,
        minVersion: "TLSv1.3",
        ...options,
      },
      (request, response) => {
        const { socket } = request;
        if (!(socket instanceof TLSSocket)) throw new Error("must be TLS");
        const names = socket.getPeerX509Certificate()?.subjectAltName;
        response.setHeader("content-type", "application/json");
        response.end(JSON.stringify({ names, protocol: socket.getProtocol() }));
      },
    );
    servers.push(server);
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const address = server.address();
    if (address === null || typeof address === "string") throw new Error("must have a port");
    return address.port;
  }

  it("shows the role to the server, by option or environment", async () => {
    const port = await serve(creds);
    const remote = `localhost:${port}`;
    const ended = await apiclient(["--remote", remote, "--credentials", creds, "get", "/x"]);
    expect(ended.stderr).toBe("");
    expect(JSON.parse(ended.stdout)).toEqual({
      names: "URI:ballast:role:operator",
      protocol: "TLSv1.3",
    });
    const env = { BALLAST_REMOTE: `127.0.0.1:${port}`, BALLAST_CREDENTIALS: creds };
    expect((await apiclient(["raw", "-u", "/x"], { env })).status).toBe(0);
  });

  it("is refused if the machine is called by a name that is not in its certificate", async () => {
    const out = path.join(folder, "named");
    await apiclient(["bootstrap", "--out", out, "--name", "web-1.example.org"]);
    const port = await serve(out);
    const ended = await apiclient([
      "--remote",
      `127.0.0.1:${port}`,
      "--credentials",
      out,
      "get",
      "/x",
    ]);
    expect(ended.status).toBe(69);
    expect(ended.stderr).toContain("apiclient bootstrap --name NAME");
  });

  it("is refused to a server and to a client of another CA", async () => {
    const other = path.join(folder, "other");
    await apiclient(["bootstrap", "--out", other]);
    const port = await serve(creds);
    const remote = ["--remote", `localhost:${port}`, "--credentials"];
    const foreign = await apiclient([...remote, other, "get", "/x"]);
    expect(foreign.status).toBe(69);
    expect(foreign.stderr).toContain(
      "The server's certificate is not of the CA in the credentials.",
    );
    // The right CA, but somebody else's client certificate.
    const mixed = path.join(folder, "mixed");
    fs.cpSync(other, mixed, { recursive: true });
    fs.copyFileSync(at("ca.pem"), at("ca.pem", mixed));
    const refused = await apiclient([...remote, mixed, "get", "/x"]);
    expect(refused.status).toBe(69);
    expect(refused.stderr).toContain("The server refused the connection");
  });

  it("needs credentials", async () => {
    expect((await apiclient(["--remote", "x", "get"])).status).toBe(64);
    const missing = await apiclient([
      "--remote",
      "x",
      "--credentials",
      path.join(folder, "no"),
      "get",
    ]);
    expect(missing.status).toBe(78);
    expect(missing.stderr).toContain("Cannot read credentials");
  });
});
