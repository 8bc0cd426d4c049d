import * as z from "zod";
import { hostsFile, type HostsLine } from "../../formats/hosts.ts";
import { DnsName, IpAddress } from "./address.ts";

const MAX_ENTRIES = 1000;
const MAX_NAMES = 32;

/** Always there, before what was set. */
const LOCAL: readonly HostsLine[] = [
  { ip: "127.0.0.1", names: ["localhost"] },
  { ip: "::1", names: ["localhost", "ip6-localhost", "ip6-loopback"] },
];

const HostNames = z
  .array(DnsName)
  .min(1, { error: "must have at least 1 entry" })
  .max(MAX_NAMES, { error: `must have at most ${MAX_NAMES} entries` });

/** An entry as a table, or as the pair that other systems of this kind use. */
const HostsEntry = z.union(
  [z.strictObject({ ip: IpAddress, names: HostNames }), z.tuple([IpAddress, HostNames])],
  {
    error: `must be {ip, names} or [ip, [name, …]], with an IP address and 1 to ${MAX_NAMES} host names`,
  },
);
type HostsEntry = z.output<typeof HostsEntry>;

export const Hosts = z
  .array(HostsEntry)
  .max(MAX_ENTRIES, { error: `must have at most ${MAX_ENTRIES} entries` })
  .meta({
    description: "Names that are known without a name server, on lines of `/etc/hosts`.",
    example: [{ ip: "192.0.2.10", names: ["registry.example.org", "registry"] }],
  });

/** The text of `/etc/hosts`. */
export function renderHosts(entries: readonly HostsEntry[]): string {
  return hostsFile([...LOCAL, ...entries.map(toLine)]);
}

function toLine(entry: HostsEntry): HostsLine {
  if ("ip" in entry) return entry;
  const [ip, names] = entry;
  return { ip, names };
}
