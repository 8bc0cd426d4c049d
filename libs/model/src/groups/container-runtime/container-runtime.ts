import * as z from "zod";
import { defineGroup } from "../../settings-group.ts";
import { containerRegistry } from "../container-registry/container-registry.ts";
import {
  firewallRules,
  NETWORK_FOLDERS,
  networkConfig,
  resolverFiles,
} from "./container-network.ts";
import { ImageBudget } from "./image-budget.ts";
import { criConfig } from "./cri-config.ts";
import { DEFAULT_SUBNET, Subnet } from "./subnet.ts";

/** A line without end would be kept in the memory of containerd, so there is no way to have no limit. */
const LINE_MAX_BYTES = 4 * 1024 * 1024;
const LINE_MIN_BYTES = 1024;
const DOWNLOADS_MAX = 64;

export const containerRuntime = defineGroup({
  schema: z
    .strictObject({
      "max-container-log-line-size": z
        .int({ error: "must be a whole number of bytes" })
        .min(LINE_MIN_BYTES, { error: `must be at least ${LINE_MIN_BYTES}` })
        .max(LINE_MAX_BYTES, { error: `must be at most ${LINE_MAX_BYTES}` })
        .meta({
          description: "Bytes after which a line of a container's log is broken.",
          example: 32_768,
        }),
      "max-concurrent-downloads": z
        .int({ error: "must be a whole number" })
        .min(1, { error: "must be at least 1" })
        .max(DOWNLOADS_MAX, { error: `must be at most ${DOWNLOADS_MAX}` })
        .meta({ description: "Layers of one image that are fetched at once.", example: 6 }),
      "enable-unprivileged-ports": z.boolean().meta({
        description:
          "Whether containers with a network of their own may listen on ports below 1024 without privileges.",
        example: true,
      }),
      "enable-unprivileged-icmp": z.boolean().meta({
        description:
          "Whether containers with a network of their own may send ICMP echo requests without privileges.",
        example: true,
      }),
      subnet: Subnet.meta({
        description: "Addresses of containers; the first is the machine's among them.",
        example: "172.30.0.0/20",
      }),
      "image-disk-budget": ImageBudget.meta({
        description:
          "How full DATA may get, or what images may take of it, before images that no container uses are removed, the least recently used first.",
        example: "20Gi",
      }),
    })
    .meta({ description: "How containerd runs containers." }),
  defaults: {
    "max-container-log-line-size": 16_384,
    "max-concurrent-downloads": 3,
    // Workloads have no capabilities, and the ports are those of a network of their own.
    "enable-unprivileged-ports": true,
    "enable-unprivileged-icmp": false,
    subnet: DEFAULT_SUBNET,
    "image-disk-budget": "80%",
  },
  secrets: [],
  check: () => [],
  services: [
    {
      name: "container-network",
      keys: ["subnet"],
      files: [
        ...(["ordinary", "linkLocal"] as const).map((kind) => ({
          path: `${NETWORK_FOLDERS[kind]}/10-ballast.conflist`,
          mode: 0o644,
          render: ({ subnet }: { readonly subnet: string }) => networkConfig(subnet, kind),
        })),
        {
          path: "workload-firewall.rules",
          mode: 0o644,
          render: ({ subnet }) => firewallRules(subnet),
        },
      ],
      // containerd needs the unit, and is started again with it.
      units: ["workload-firewall.service"],
      verb: "try-restart",
    },
    {
      name: "container-resolver",
      keys: ["subnet"],
      files: [],
      fileSets: [
        {
          directory: "resolver-of-containers",
          mode: 0o644,
          render: ({ subnet }) => resolverFiles(subnet),
        },
      ],
      units: ["systemd-resolved.service"],
    },
    {
      name: "container-runtime",
      keys: [
        "max-container-log-line-size",
        "max-concurrent-downloads",
        "enable-unprivileged-ports",
        "enable-unprivileged-icmp",
        "subnet",
      ],
      files: [],
      composedFiles: [
        {
          path: "containerd/cri.toml",
          // It holds the passwords of registries.
          mode: 0o600,
          reads: [{ group: containerRegistry, keys: ["credentials"] }],
          render: (value, inputs) =>
            criConfig(value, inputs.valueOf(containerRegistry).credentials),
        },
      ],
      units: ["containerd.service", "host-containerd.service"],
      verb: "try-restart",
    },
    {
      // host-containers reads it whenever it looks.
      name: "container-images",
      keys: ["image-disk-budget"],
      files: [
        {
          path: "image-budget.json",
          mode: 0o644,
          render: (value) => `${JSON.stringify(value["image-disk-budget"])}\n`,
        },
      ],
      units: [],
    },
  ],
});
