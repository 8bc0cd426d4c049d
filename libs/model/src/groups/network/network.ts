import * as z from "zod";
import { sysctlAssignment } from "../../formats/sysctl.ts";
import { defineGroup } from "../../settings-group.ts";
import { Hostname } from "./hostname.ts";

export const network = defineGroup({
  schema: z.strictObject({ hostname: Hostname }),
  defaults: { hostname: "ballast" },
  secrets: [],
  check: () => [],
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
  ],
});
