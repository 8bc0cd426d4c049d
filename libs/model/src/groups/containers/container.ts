import * as z from "zod";
import { EntryName, namedMap } from "../../named-map.ts";
import { Argument, Arguments } from "./arguments.ts";
import { Capabilities, ExtraCapabilities } from "./capabilities.ts";
import { ContainerCheck, wholeSeconds } from "./health-check.ts";
import { ImageReference } from "./image-reference.ts";
import { Ports } from "./ports.ts";
import { MemoryQuantity } from "./quantities.ts";
import { Resources } from "./resources.ts";

const PATH_MAX_LENGTH = 1024;
const MAX_VARIABLES = 128;
const MAX_MOUNTS = 32;
const MAX_REQUIRED = 16;

const VariableName = z.string().regex(/^[A-Za-z_][A-Za-z0-9_]{0,127}$/, {
  error: "must be named by 1 to 128 letters, digits or '_', not starting with a digit",
});

const AbsolutePath = z
  .string()
  .max(PATH_MAX_LENGTH, { error: `must be at most ${PATH_MAX_LENGTH} characters` })
  .regex(/^(?:\/[^/\p{C}]+)+$/u, { error: "must be an absolute path without // and / at its end" })
  .refine((path) => path.split("/").every((name) => name !== "." && name !== ".."), {
    error: "must not contain . or .. as a part",
  });

const readOnly = z.boolean().meta({
  description: "Whether the container can only read it.",
  example: true,
});

const mountPath = AbsolutePath.meta({
  description: "Where the container finds it.",
  example: "/var/lib/data",
});

const Volume = z.strictObject({ path: mountPath, "read-only": readOnly });

const HostPath = z.strictObject({
  source: AbsolutePath.meta({
    description: "File or folder of the machine.",
    example: "/var/log/journal",
  }),
  path: mountPath,
  "read-only": readOnly,
});

const Tmpfs = z.strictObject({
  path: mountPath,
  size: MemoryQuantity.meta({
    description: "Its size at most, 64Mi if unset.",
    example: "1Gi",
  }).optional(),
});

/** Longer ends would not fit into the time that a machine takes to go down. */
const STOP_MAX_SECONDS = 120;

/** What a container does before it is asked to end. */
const PreStop = z.strictObject({
  command: Arguments.min(1, { error: "must have at least 1 entry" })
    .meta({
      description:
        "Run in the container before it is stopped: when it is removed or replaced, and when the machine restarts or goes off. It may run twice, and the container is stopped whatever comes of it.",
      example: ["/usr/bin/consul", "leave"],
    })
    .optional(),
  "timeout-seconds": wholeSeconds(1, STOP_MAX_SECONDS).meta({
    description: "Seconds after which the command is ended and the container is stopped.",
    example: 60,
  }),
});

/** A container of settings.containers. What only an admin may set has keys of its own, see WRITE_RULES. */
export const Container = z.strictObject({
  image: ImageReference.meta({
    description: "Image with its registry; a digest keeps it from ever changing.",
    example: "docker.io/library/nginx:1.29",
  }),
  enabled: z.boolean().meta({ description: "Whether the container runs.", example: false }),
  command: Arguments.meta({
    description: "Program to start instead of the image's entry point.",
    example: ["/usr/bin/server"],
  }).optional(),
  args: Arguments.meta({
    description: "Arguments instead of the image's.",
    example: ["--listen", ":8080"],
  }).optional(),
  env: namedMap({
    entry: Argument.meta({ description: "Value of this variable.", example: "production" }),
    name: VariableName,
    max: MAX_VARIABLES,
  }).meta({ description: "Environment variables, besides the image's." }),
  "secret-env": namedMap({
    entry: Argument.meta({ description: "Value of this variable." }),
    name: VariableName,
    max: MAX_VARIABLES,
  }).meta({ description: "Environment variables whose values nobody can read back." }),
  user: z
    .string()
    .regex(/^\d{1,9}(?::\d{1,9})?$/, { error: "must be UID or UID:GID in numbers" })
    .meta({ description: "User, and group, instead of the image's.", example: "1000:1000" })
    .optional(),
  ports: Ports.meta({
    description: "Ports of the machine that lead to ports of the container.",
    example: ["8080:80", "127.0.0.1:5353:53/udp"],
  }).optional(),
  volumes: namedMap({ entry: Volume, defaults: { "read-only": false }, max: MAX_MOUNTS }).meta({
    description: "Folders that outlive the container, by their names on this machine.",
  }),
  "host-paths": namedMap({
    entry: HostPath,
    defaults: { "read-only": true },
    max: MAX_MOUNTS,
  }).meta({
    description: "Files and folders of the machine that the container can see.",
  }),
  "read-only-root": z.boolean().meta({
    description:
      "Whether nothing of the image can be changed; /tmp, /var/tmp and /run are folders in memory then.",
    example: false,
  }),
  tmpfs: namedMap({ entry: Tmpfs, max: MAX_MOUNTS }).meta({
    description:
      "Folders in memory, which begin with what the image has there; they count as memory of the container.",
  }),
  capabilities: Capabilities.meta({
    description: "What root in the container may do with its own files, processes and ports.",
    example: ["CHOWN", "SETGID", "SETUID"],
  }).optional(),
  "extra-capabilities": ExtraCapabilities.meta({
    description: "Any capabilities of the kernel, also those that reach beyond the container.",
    example: ["NET_RAW"],
  }).optional(),
  "allow-link-local": z.boolean().meta({
    description:
      "Whether the container reaches 169.254.0.0/16, where clouds hand out the machine's credentials.",
    example: true,
  }),
  privileged: z.boolean().meta({
    description: "Whether the container has all capabilities and devices of the machine.",
    example: true,
  }),
  resources: Resources,
  restart: z
    .enum(["always", "on-failure", "never"], { error: "must be always, on-failure or never" })
    .meta({ description: "When a container that ended is started again.", example: "on-failure" }),
  requires: z
    .array(EntryName)
    .max(MAX_REQUIRED, { error: `must have at most ${MAX_REQUIRED} entries` })
    .meta({
      description:
        "Containers that come first: this one is started once each of them is healthy, or has ended with 0, or runs, has no check and is not to run just once.",
      example: ["db"],
    })
    .optional(),
  health: ContainerCheck,
  "pre-stop": PreStop,
  "stop-grace-seconds": wholeSeconds(1, STOP_MAX_SECONDS).meta({
    description:
      "Seconds from the signal that asks the container to end until it is killed. A change makes the container anew.",
    example: 60,
  }),
});
export type Container = z.output<typeof Container>;
