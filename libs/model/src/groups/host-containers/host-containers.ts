import * as z from "zod";
import { namedMap } from "../../named-map.ts";
import { defineGroup } from "../../settings-group.ts";
import { Arguments } from "../containers/arguments.ts";
import { ImageReference } from "../containers/image-reference.ts";
import { Resources } from "../containers/resources.ts";
import { UserData } from "../containers/user-data.ts";

const MAX_HOST_CONTAINERS = 16;
const API_ROLES = ["none", "reader", "operator", "admin"] as const;

const HostContainer = z.strictObject({
  source: ImageReference.meta({
    description: "Image with its registry.",
    example: "registry.example.org/admin:1.2.0",
  }),
  enabled: z.boolean().meta({ description: "Whether the container runs.", example: true }),
  superpowered: z.boolean().meta({
    description: "Whether the container has every privilege and sees the machine's root.",
    example: true,
  }),
  "user-data": UserData.meta({
    description: "Data for the program in the container, as base64.",
  }).optional(),
  command: Arguments.meta({
    description: "Program and arguments instead of the image's.",
    example: ["/usr/sbin/sshd", "-D"],
  }).optional(),
  "api-role": z.enum(API_ROLES, { error: `must be ${API_ROLES.join(", ")}` }).meta({
    description: "What the container may do with the API of this machine.",
    example: "operator",
  }),
  resources: Resources,
});

/** Run by host-containers, in a containerd of their own. */
export const hostContainers = defineGroup({
  schema: namedMap({
    entry: HostContainer,
    defaults: { enabled: false, superpowered: false, "api-role": "reader" },
    max: MAX_HOST_CONTAINERS,
  }).meta({
    description: `Containers for the work on the machine itself, at most ${MAX_HOST_CONTAINERS}.`,
  }),
  defaults: {},
  // Keys and passwords of the people who log in.
  secrets: ["*.user-data"],
  check: () => [],
  services: [
    // The socket of each container is the apiserver's own, and there before the container that finds it.
    { name: "host-container-sockets", files: [], units: [] },
    {
      // host-containers watches the file.
      name: "host-containers",
      files: [
        {
          path: "host-containers.json",
          // It holds user data.
          mode: 0o600,
          render: (all) => `${JSON.stringify({ "host-containers": all }, undefined, 1)}\n`,
        },
      ],
      units: [],
    },
  ],
  effect:
    "At once: a container whose settings changed is ended and made anew; one that is disabled or gone leaves only its storage.",
});
