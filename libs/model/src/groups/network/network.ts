import * as z from "zod";
import { sysctlAssignment } from "../../formats/sysctl.ts";
import { defineGroup } from "../../settings-group.ts";
import { Hostname } from "./hostname.ts";
import { Hosts, renderHosts } from "./hosts.ts";
import { InterfaceMap } from "./interface.ts";
import { renderInterfaces } from "./interface-files.ts";
import { checkInterfaces } from "./interface-rules.ts";
import { checkProxy, NoProxy, ProxyCredentials, ProxyUrl, renderProxy } from "./proxy.ts";

const Network = z
  .strictObject({
    hostname: Hostname.meta({
      description:
        "Name of the machine; on Amazon EC2 its local host name there, if nobody sets it.",
      example: "harbour-7",
    }),
    interfaces: InterfaceMap,
    hosts: Hosts,
    "https-proxy": ProxyUrl.meta({
      description:
        "Proxy through which images are fetched; `http://` is assumed when no scheme is given.",
      example: "http://proxy.example.org:3128",
    }).optional(),
    "https-proxy-credentials": ProxyCredentials.meta({
      description: "User name and password for the proxy, as `USER:PASSWORD`.",
    }).optional(),
    "no-proxy": NoProxy.meta({
      description:
        "Hosts, domains and networks that are reached without the proxy, besides this machine.",
      example: [".example.org", "192.0.2.0/24"],
    }),
  })
  .meta({ description: "Name, interfaces, fixed addresses of hosts, and the proxy." });

export const network = defineGroup({
  schema: Network,
  defaults: { hostname: "ballast", interfaces: {}, hosts: [], "no-proxy": [] },
  secrets: ["https-proxy-credentials"],
  check: (value) => [...checkInterfaces(value.interfaces), ...checkProxy(value)],
  generated: [{ key: "hostname", by: "ec2-hostname" }],
  services: [
    {
      name: "hostname",
      keys: ["hostname"],
      files: [
        { path: "hostname", mode: 0o644, render: ({ hostname }) => `${hostname}\n` },
        {
          path: "sysctl-hostname.conf",
          mode: 0o644,
          render: ({ hostname }) => sysctlAssignment("kernel.hostname", hostname),
        },
      ],
      units: ["hostname.service"],
    },
    {
      name: "network-interfaces",
      keys: ["interfaces"],
      files: [],
      // The image links /etc/systemd/network to this directory. With no interface set its own 80-dhcp.network is for all.
      fileSets: [
        {
          directory: "network",
          mode: 0o644,
          render: ({ interfaces }) => renderInterfaces(interfaces),
        },
      ],
      units: ["systemd-networkd.service"],
      verb: "reload",
    },
    {
      name: "hosts",
      keys: ["hosts"],
      // Read anew at each look-up.
      files: [{ path: "hosts", mode: 0o644, render: ({ hosts }) => renderHosts(hosts) }],
      units: [],
    },
    {
      name: "proxy",
      keys: ["https-proxy", "https-proxy-credentials", "no-proxy"],
      files: [],
      // Read by systemd, which is root, for units that have it as EnvironmentFile.
      fileSets: [{ directory: "proxy", mode: 0o600, render: renderProxy }],
      units: ["containerd.service", "host-containerd.service"],
      verb: "try-restart",
    },
  ],
});
