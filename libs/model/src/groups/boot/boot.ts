import * as z from "zod";
import { joinKey } from "../../keys.ts";
import { namedMap } from "../../named-map.ts";
import { defineGroup, type Issue } from "../../settings-group.ts";
import { INIT_PARAMETERS, KERNEL_PARAMETERS } from "./parameter-rules.ts";
import {
  faultOfPages,
  faultOfValues,
  PARAMETERS_MAX_BYTES,
  parametersText,
  type Parameters,
} from "./parameters.ts";

/** Seconds since power-on in which a slot on trial must earn its mark. */
const TrialLimit = z
  .int({ error: "must be a whole number of seconds" })
  .min(60, { error: "must be at least 60 seconds" })
  .max(3600, { error: "must be at most 3600 seconds" })
  .meta({
    description:
      "Seconds since power-on in which a slot on trial, or parameters on trial, must become healthy, or the machine restarts with the other slot or without the parameters.",
    example: 900,
  });

const MAX_VALUES = 8;

const Values = z
  .array(z.string().max(128, { error: "must be at most 128 characters" }))
  .max(MAX_VALUES, { error: `must have at most ${MAX_VALUES} values` });

function nameOf(rules: Readonly<Record<string, unknown>>, kind: string): z.ZodString {
  const names = Object.keys(rules).map((name) => name.replaceAll(".", String.raw`\.`));
  return z.string().regex(new RegExp(`^(?:${names.join("|")})$`), {
    error: `must be a ${kind} parameter that may be set: see docs/guides/boot-parameters.md`,
  });
}

const Boot = z
  .strictObject({
    "trial-limit": TrialLimit,
    "kernel-parameters": namedMap({
      entry: Values.meta({
        description: "Values of this kernel parameter; none for a name that stands alone.",
        example: ["512"],
      }),
      name: nameOf(KERNEL_PARAMETERS, "kernel"),
    }).meta({
      description:
        "Parameters that are added to the kernel's command line, out of a fixed list. They are tried once: if the boot does not become healthy, the next one goes without them.",
    }),
    "init-parameters": namedMap({
      entry: Values.meta({
        description: "Values of this parameter of systemd or udev.",
        example: ["debug"],
      }),
      name: nameOf(INIT_PARAMETERS, "init"),
    }).meta({
      description: "The same for parameters of systemd, udev and fsck.",
    }),
    "reboot-to-reconcile": z.boolean({ error: "must be true or false" }).meta({
      description:
        "Whether the machine restarts by itself, once for each set, when it starts with other parameters than those that are set.",
      example: true,
    }),
  })
  .meta({ description: "How a new slot proves itself, and parameters of kernel and init." });
type Boot = z.output<typeof Boot>;

/** `kernel-parameters` and `init-parameters` as one text, which is what goes on the command line. */
export function bootParameters(value: {
  readonly "kernel-parameters": Parameters;
  readonly "init-parameters": Parameters;
}): string {
  return parametersText(value["kernel-parameters"], value["init-parameters"]);
}

export const boot = defineGroup({
  schema: Boot,
  defaults: {
    "trial-limit": 600,
    "kernel-parameters": {},
    "init-parameters": {},
    "reboot-to-reconcile": false,
  },
  secrets: [],
  check: checkParameters,
  services: [
    {
      name: "boot-trial",
      keys: ["trial-limit"],
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
    {
      // boot-parameters@write.service is started when the firmware does not have them yet.
      name: "boot-parameters",
      keys: ["kernel-parameters", "init-parameters"],
      files: [{ path: "boot-parameters", mode: 0o644, render: bootParameters }],
      units: [],
    },
  ],
  effect:
    "In a boot on trial a new limit holds at once. Parameters take effect at the next restart of the machine.",
});

function checkParameters(value: Boot): Issue[] {
  const tables = ["kernel-parameters", "init-parameters"] as const;
  const issues = tables.flatMap((table) =>
    Object.entries(value[table]).flatMap(([name, values]) => {
      const reason = faultOfValues(name, values);
      return reason === undefined ? [] : [{ key: joinKey([table, name]), reason }];
    }),
  );
  const pages = faultOfPages(value["kernel-parameters"]);
  if (pages !== undefined)
    issues.push({ key: joinKey(["kernel-parameters", "hugepages"]), reason: pages });
  if (bootParameters(value).length > PARAMETERS_MAX_BYTES)
    issues.push({
      key: "kernel-parameters",
      reason: `must be at most ${PARAMETERS_MAX_BYTES} characters on the command line, with init-parameters`,
    });
  return issues;
}
