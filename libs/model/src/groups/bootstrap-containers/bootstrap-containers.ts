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

/** Run before the machine is configured by a program that does not exist yet. */
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
  services: [],
});
