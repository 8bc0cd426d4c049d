import * as z from "zod";
import { namedMap } from "../../named-map.ts";
import { defineGroup } from "../../settings-group.ts";
import { Arguments } from "../containers/arguments.ts";
import { ImageReference } from "../containers/image-reference.ts";
import { Resources } from "../containers/resources.ts";
import { UserData } from "../containers/user-data.ts";

const MAX_BOOTSTRAP_CONTAINERS = 16;

const BootstrapContainer = z.strictObject({
  source: ImageReference.meta({
    description: "Image with its registry.",
    example: "registry.example.org/format-disks:1.0.0",
  }),
  mode: z.enum(["off", "once", "always"], { error: "must be off, once or always" }).meta({
    description:
      "In which boots the container runs: none, the next ones until it has succeeded, or each. A change of its settings makes it a new one.",
    example: "once",
  }),
  "user-data": UserData.meta({
    description: "Data for the program in the container, as base64.",
  }).optional(),
  essential: z.boolean().meta({
    description: "Whether no other container starts when this one fails.",
    example: true,
  }),
  command: Arguments.meta({
    description: "Program and arguments instead of the image's.",
    example: ["/format", "--all"],
  }).optional(),
  resources: Resources,
});

/** Run by host-containers once a boot, before all other containers. */
export const bootstrapContainers = defineGroup({
  schema: namedMap({
    entry: BootstrapContainer,
    defaults: { mode: "off", essential: false },
    max: MAX_BOOTSTRAP_CONTAINERS,
  }).meta({
    description: `Containers that prepare the machine while it boots, at most ${MAX_BOOTSTRAP_CONTAINERS}.`,
  }),
  defaults: {},
  secrets: ["*.user-data"],
  check: () => [],
  services: [
    {
      name: "bootstrap-containers",
      files: [],
      // No file when there is nothing to run: a boot that has none does not start the program at all.
      fileSets: [
        {
          directory: "bootstrap-containers",
          // It holds user data.
          mode: 0o600,
          render: (all) => {
            const wanted = Object.entries(all).filter(([, { mode }]) => mode !== "off");
            if (wanted.length === 0) return new Map();
            const file = { "bootstrap-containers": Object.fromEntries(wanted) };
            return new Map([["containers.json", `${JSON.stringify(file, undefined, 1)}\n`]]);
          },
        },
      ],
      units: [],
    },
  ],
  effect: "With the next start of the machine.",
});
