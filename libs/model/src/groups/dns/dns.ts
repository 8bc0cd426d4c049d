import * as z from "zod";
import { systemdConf } from "../../formats/systemd-conf.ts";
import { defineGroup } from "../../settings-group.ts";
import { DnsName, IpAddress } from "../network/address.ts";

const MAX_SERVERS = 8;
const MAX_DOMAINS = 32;

const Dns = z
  .strictObject({
    "name-servers": z
      .array(IpAddress)
      .max(MAX_SERVERS, { error: `must have at most ${MAX_SERVERS} entries` })
      .meta({
        description:
          "Name servers that are asked instead of those that the network offers; empty for the network's own.",
        example: ["192.0.2.53", "2001:db8::53"],
      }),
    "search-list": z
      .array(DnsName)
      .max(MAX_DOMAINS, { error: `must have at most ${MAX_DOMAINS} entries` })
      .meta({
        description: "Domains that are tried, in this order, after a name without a dot.",
        example: ["example.org"],
      }),
  })
  .meta({
    description: "Name servers and search domains instead of those that the network offers.",
  });
type Dns = z.output<typeof Dns>;

export const dns = defineGroup({
  schema: Dns,
  defaults: { "name-servers": [], "search-list": [] },
  secrets: [],
  check: () => [],
  services: [
    {
      name: "dns",
      files: [],
      // A drop-in of resolved.conf(5) by a link in the image. Without settings there is no file, and nothing to reload.
      fileSets: [{ directory: "resolved.conf.d", mode: 0o644, render: renderDns }],
      units: ["systemd-resolved.service"],
      verb: "reload",
    },
  ],
});

function renderDns(value: Dns): Map<string, string> {
  const servers = value["name-servers"];
  // With the routing domain `~.` these servers are asked about everything, those of the links about nothing.
  const domains = [...value["search-list"], ...(servers.length > 0 ? ["~."] : [])];
  const text = systemdConf([
    {
      name: "Resolve",
      entries: [
        ["DNS", joined(servers)],
        ["Domains", joined(domains)],
      ],
    },
  ]);
  return new Map(text === "" ? [] : [["settings.conf", text]]);
}

function joined(words: readonly string[]): string | undefined {
  return words.length === 0 ? undefined : words.join(" ");
}
