import * as z from "zod";
import { joinKey } from "../../keys.ts";
import { namedMap } from "../../named-map.ts";
import { defineGroup, type Issue } from "../../settings-group.ts";
import { Credentials, whyIncomplete } from "./credentials.ts";
import { hostDirectory, hostsToml } from "./hosts-toml.ts";
import { Endpoint, MirroredHost, RegistryHost } from "./registry-host.ts";

const MAX_REGISTRIES = 64;
const MAX_ENDPOINTS = 16;

const Mirrors = z
  .array(Endpoint)
  .min(1, { error: "must have at least one mirror" })
  .max(MAX_ENDPOINTS, { error: `must have at most ${MAX_ENDPOINTS} mirrors` })
  .refine((endpoints) => new Set(endpoints).size === endpoints.length, {
    error: "must not have the same mirror twice",
  })
  .meta({
    description:
      "Mirrors in the order in which they are asked; the registry itself comes after them. Without a path the API of a mirror is at `/v2`.",
    example: ["https://mirror.example.org"],
  });

const ContainerRegistry = z
  .strictObject({
    mirrors: namedMap({ entry: Mirrors, name: MirroredHost, max: MAX_REGISTRIES }).meta({
      description: `Where images of a registry are asked for first, by the registry's host; \`"*"\` is for those without an entry. At most ${MAX_REGISTRIES}.`,
    }),
    credentials: namedMap({ entry: Credentials, name: RegistryHost, max: MAX_REGISTRIES }).meta({
      description: `How to log in, by host of the registry or mirror; at most ${MAX_REGISTRIES}. Each has \`username\` and \`password\`, or \`auth\`, or \`identitytoken\`.`,
    }),
  })
  .meta({ description: "Mirrors of registries, and how to log in." });
type ContainerRegistry = z.output<typeof ContainerRegistry>;

export const containerRegistry = defineGroup({
  schema: ContainerRegistry,
  defaults: { mirrors: {}, credentials: {} },
  secrets: ["credentials.*.password", "credentials.*.auth", "credentials.*.identitytoken"],
  check: checkContainerRegistry,
  services: [
    {
      // containerd reads these anew at each pull.
      name: "container-registry",
      keys: ["mirrors"],
      files: [],
      fileSets: [{ directory: "containerd/certs.d", mode: 0o644, render: renderMirrors }],
      units: [],
    },
  ],
  effect:
    "The next pull uses new mirrors at once, and new credentials when containerd has restarted.",
});

function renderMirrors({ mirrors }: ContainerRegistry): Map<string, string> {
  return new Map(
    Object.entries(mirrors).map(([registry, endpoints]) => [
      `${hostDirectory(registry)}/hosts.toml`,
      hostsToml(endpoints),
    ]),
  );
}

function checkContainerRegistry({ credentials }: ContainerRegistry): Issue[] {
  return Object.entries(credentials).flatMap(([host, entry]) => {
    const reason = whyIncomplete(entry);
    return reason === undefined ? [] : [{ key: joinKey(["credentials", host]), reason }];
  });
}
