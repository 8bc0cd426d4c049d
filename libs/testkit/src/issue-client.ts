import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { runTool, type ClientIdentity } from "@ballast/vm";

export interface ClientProfile {
  /** URIs of the subject alternative name. */
  readonly uris: readonly string[];
  readonly extendedKeyUsage?: "clientAuth" | "serverAuth";
}

/** Certificates hold from an hour ago on, because a guest that was resumed is behind the host's time. */
const EARLIER_MS = 3_600_000;
const LATER_MS = 24 * EARLIER_MS;

/** Issues a client certificate with the CA of these credentials, by openssl, so also what `apiclient` would not make. */
export async function issueClient(
  credentials: string,
  directory: string,
  profile: ClientProfile,
): Promise<ClientIdentity> {
  const path = (name: string): string => join(directory, name);
  const ca = join(credentials, "ca.pem");
  await writeFile(path("index.txt"), "");
  await writeFile(path("ca.conf"), configuration(directory, profile));
  await openssl("req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=test", {
    keyout: path("client.key"),
    out: path("client.csr"),
  });
  await openssl("ca -batch -notext -extensions client", {
    config: path("ca.conf"),
    cert: ca,
    keyfile: join(credentials, "ca.key"),
    in: path("client.csr"),
    startdate: asn1Time(Date.now() - EARLIER_MS),
    enddate: asn1Time(Date.now() + LATER_MS),
    out: path("client.pem"),
  });
  return {
    ca: await readFile(ca, "utf8"),
    certificate: await readFile(path("client.pem"), "utf8"),
    key: await readFile(path("client.key"), "utf8"),
  };
}

/** The least that openssl-ca(1) wants to know. */
function configuration(directory: string, profile: ClientProfile): string {
  const names = profile.uris.map((uri) => `URI:${uri}`).join(",");
  return `[ca]
default_ca = test
[test]
database = ${join(directory, "index.txt")}
new_certs_dir = ${directory}
rand_serial = yes
default_md = sha256
policy = any
[any]
commonName = supplied
[client]
extendedKeyUsage = ${profile.extendedKeyUsage ?? "clientAuth"}
${names === "" ? "" : `subjectAltName = ${names}`}
`;
}

/** Runs openssl; paths come as named options, so that blanks in them do no harm. */
export async function openssl(
  words: string,
  options: Readonly<Record<string, string>>,
): Promise<void> {
  const named = Object.entries(options).flatMap(([name, value]) => [`-${name}`, value]);
  await runTool("openssl", [...words.split(" "), ...named]);
}

/** YYYYMMDDHHMMSSZ */
function asn1Time(ms: number): string {
  return `${new Date(ms).toISOString().replaceAll(/[-:T]|\.\d+Z$/g, "")}Z`;
}
