import type { BootstrapRequest } from "../command.ts";
import type { Certificates } from "./certificates.ts";

/** User data that turns the remote API on; TOML, for the first boot of a machine. */
export function userData(
  { hostname, port }: Pick<BootstrapRequest, "hostname" | "port">,
  { ca, server }: Pick<Certificates, "ca" | "server">,
): string {
  const network = hostname === undefined ? "" : `[settings.network]\nhostname = "${hostname}"\n\n`;
  return `${network}[settings.api.remote]
enabled = true
port = ${port}
ca-certificate = ${literal(ca.certificate)}
server-certificate = ${literal(server.certificate)}
server-key = ${literal(server.key)}
`;
}

/** A multi-line literal string. PEM has no quotes, so there is nothing to escape; TOML drops the first line break. */
function literal(pem: string): string {
  return `'''\n${pem}'''`;
}
