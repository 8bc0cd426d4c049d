import { isIP } from "node:net";

export interface HostsLine {
  readonly ip: string;
  readonly names: readonly string[];
}

/** Lines of hosts(5): an address and its names, with blanks between; nothing can quote a blank, a `#` or a newline. */
export function hostsFile(lines: readonly HostsLine[]): string {
  return lines.map((line) => hostsLine(line)).join("");
}

function hostsLine({ ip, names }: HostsLine): string {
  if (isIP(ip) === 0 || ip.includes("%")) throw new Error("Cannot write what is no IP address");
  if (names.length === 0) throw new Error("Cannot write an address without a name");
  for (const name of names)
    if (!/^[A-Za-z0-9._-]+$/.test(name)) throw new Error("Cannot write what is no host name");
  return `${ip} ${names.join(" ")}\n`;
}
