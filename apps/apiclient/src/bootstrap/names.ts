import { isIP } from "node:net";
import { UsageError } from "@ballast/errors";
import type { BootstrapRequest } from "../command.ts";

const USUAL_NAMES = ["ballast", "localhost", "127.0.0.1", "::1"];
const LABEL = /^[0-9a-z](?:[0-9a-z-]{0,61}[0-9a-z])?$/;
const MAX_DNS_LENGTH = 253;
/** As the setting network.hostname has it: the kernel keeps no more. */
const MAX_HOSTNAME_LENGTH = 64;

/** The names that go into the server's certificate, without duplicates. */
export function parseNames({
  names,
  hostname,
}: Pick<BootstrapRequest, "names" | "hostname">): string[] {
  if (hostname !== undefined && (!isDnsName(hostname) || hostname.length > MAX_HOSTNAME_LENGTH))
    throw badName("--hostname", hostname, "a lower-case DNS name of at most 64 characters");
  const wanted = names.length === 0 ? USUAL_NAMES : names.map((name) => name.toLowerCase());
  for (const name of wanted)
    if (isIP(name) === 0 && !isDnsName(name))
      throw badName("--name", name, "a DNS name or an IP address");
  return [...new Set([...wanted, ...(hostname === undefined ? [] : [hostname])])];
}

function isDnsName(name: string): boolean {
  const labels = name.split(".");
  // All digits would be read as an address that is not whole.
  return (
    name.length <= MAX_DNS_LENGTH &&
    labels.every((label) => LABEL.test(label)) &&
    !/^\d+$/.test(labels.at(-1) ?? "")
  );
}

function badName(option: string, name: string, expected: string): UsageError {
  return new UsageError(
    `Cannot run apiclient bootstrap: ${option} is ${JSON.stringify(name)}, must be ${expected}`,
    'See "apiclient bootstrap --help".',
  );
}
