import { isIP } from "node:net";
import * as z from "zod";

/** A port of the machine that leads to one of the container. */
export interface PublishedPort {
  /** Every address of the machine when absent. */
  readonly address: string | undefined;
  readonly hostPort: number;
  readonly containerPort: number;
  readonly protocol: "tcp" | "udp";
}

const MAX_PORTS = 64;
const PORT =
  /^(?:(?<v4>[0-9.]+):|\[(?<v6>[0-9A-Fa-f:.]+)\]:)?(?<host>[1-9]\d{0,4}):(?<inner>[1-9]\d{0,4})(?:\/(?<protocol>tcp|udp))?$/;

const Port = z.string().refine((text) => parsePort(text) !== undefined, {
  error: "must be [ADDRESS:]PORT:CONTAINER-PORT[/tcp|/udp], an IPv6 address in brackets",
});

export const Ports = z
  .array(Port)
  .max(MAX_PORTS, { error: `must have at most ${MAX_PORTS} entries` })
  .refine((ports) => new Set(ports.map(published)).size === ports.length, {
    error: "must not publish the same port twice",
  });

/** Undefined if the text is no published port. */
export function parsePort(text: string): PublishedPort | undefined {
  const { v4, v6, host, inner, protocol } = PORT.exec(text)?.groups ?? {};
  const address = v4 ?? v6;
  const hostPort = Number(host);
  const containerPort = Number(inner);
  // NaN, of a text that did not match, is not at most anything.
  if (!(hostPort <= 65_535 && containerPort <= 65_535)) return undefined;
  if (address !== undefined && isIP(address) !== (v4 === undefined ? 6 : 4)) return undefined;
  return { address, hostPort, containerPort, protocol: protocol === "udp" ? "udp" : "tcp" };
}

/** What two entries may not have in common. */
export function published(text: string): string {
  const port = parsePort(text);
  return port === undefined ? text : `${port.address ?? "*"} ${port.hostPort} ${port.protocol}`;
}
