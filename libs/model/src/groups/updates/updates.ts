import * as z from "zod";
import { defineGroup } from "../../settings-group.ts";
import { HttpUrl } from "../health/target.ts";

const SEED_MAX = 2 ** 32 - 1;
const VERSION =
  /^v?(?:0|[1-9]\d{0,8})\.(?:0|[1-9]\d{0,8})\.(?:0|[1-9]\d{0,8})(?:-[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*)?(?:\+[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*)?$/;

/** Read by the update agent, which does not exist yet. */
export const updates = defineGroup({
  schema: z
    .strictObject({
      "metadata-base-url": HttpUrl.meta({
        description: "Where the signed metadata of releases is.",
        example: "https://updates.example.org/metadata",
      }).optional(),
      "targets-base-url": HttpUrl.meta({
        description: "Where the files of releases are.",
        example: "https://updates.example.org/targets",
      }).optional(),
      seed: z
        .int({ error: "must be a whole number" })
        .min(0, { error: "must be at least 0" })
        .max(SEED_MAX, { error: `must be at most ${SEED_MAX}` })
        .meta({
          description:
            "Decides how early in the waves of a release this machine takes its turn; a random number, made at boot, if nobody sets it.",
          example: 1717,
        })
        .optional(),
      "version-lock": z
        .string()
        .max(128, { error: "must be at most 128 characters" })
        .refine((text) => text === "latest" || VERSION.test(text), {
          error: "must be latest or a semantic version, for example 1.2.0",
        })
        .meta({ description: "The version to update to, or `latest`.", example: "1.2.0" }),
      "ignore-waves": z.boolean().meta({
        description: "Whether this machine updates at once instead of waiting for its turn.",
        example: true,
      }),
    })
    .meta({ description: "Where new versions come from, and when this machine takes them." }),
  defaults: { "version-lock": "latest", "ignore-waves": false },
  secrets: [],
  check: () => [],
  services: [],
  generated: [{ key: "seed", by: "update-seed" }],
});
