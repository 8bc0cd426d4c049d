import * as z from "zod";
import { defineGroup } from "../../settings-group.ts";

/** Seconds since power-on in which a slot on trial must earn its mark. */
const TrialLimit = z
  .int({ error: "must be a whole number of seconds" })
  .min(60, { error: "must be at least 60 seconds" })
  .max(3600, { error: "must be at most 3600 seconds" })
  .meta({
    description:
      "Seconds since power-on in which a slot on trial must become healthy, or the machine restarts with the other slot.",
    example: 900,
  });

export const boot = defineGroup({
  schema: z
    .strictObject({ "trial-limit": TrialLimit })
    .meta({ description: "How a new slot proves itself." }),
  defaults: { "trial-limit": 600 },
  secrets: [],
  check: () => [],
  services: [
    {
      name: "boot-trial",
      // A drop-in of boot-trial.timer by a link in the image. The empty assignment takes away the unit's own limit.
      files: [
        {
          path: "boot-trial.conf",
          mode: 0o644,
          render: (value) => `[Timer]\nOnBootSec=\nOnBootSec=${value["trial-limit"]}s\n`,
        },
      ],
      units: [],
    },
  ],
  effect: "In a boot on trial the new limit holds at once.",
});
