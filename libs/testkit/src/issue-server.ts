import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { openssl } from "./issue-client.ts";

export interface ServerIdentity {
  /** Certificate of the authority, PEM. */
  readonly ca: string;
  readonly cert: string;
  readonly key: string;
}

const KEY = "-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2";

/** An authority that nobody knows yet, and a server's certificate of it for these names. */
export async function issueServer(
  directory: string,
  names: readonly string[],
): Promise<ServerIdentity> {
  const path = (name: string): string => join(directory, name);
  await writeFile(path("issue.conf"), configuration(names));
  const config = path("issue.conf");
  await openssl(`req -x509 ${KEY} -subj /CN=test-authority -extensions authority`, {
    config,
    keyout: path("authority.key"),
    out: path("authority.pem"),
  });
  await openssl(`req -x509 ${KEY} -subj /CN=test-server -extensions server`, {
    config,
    CA: path("authority.pem"),
    CAkey: path("authority.key"),
    keyout: path("server.key"),
    out: path("server.pem"),
  });
  return {
    ca: await readFile(path("authority.pem"), "utf8"),
    cert: await readFile(path("server.pem"), "utf8"),
    key: await readFile(path("server.key"), "utf8"),
  };
}

function configuration(names: readonly string[]): string {
  return `[req]
distinguished_name = name
[name]
[authority]
basicConstraints = critical, CA:TRUE
keyUsage = critical, keyCertSign
[server]
basicConstraints = critical, CA:FALSE
extendedKeyUsage = serverAuth
subjectAltName = ${names.map((name) => `DNS:${name}`).join(",")}
`;
}
