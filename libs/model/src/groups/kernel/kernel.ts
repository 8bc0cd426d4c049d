import * as z from "zod";
import { sysctlAssignment } from "../../formats/sysctl.ts";
import { joinKey } from "../../keys.ts";
import { namedMap } from "../../named-map.ts";
import { defineGroup, type Issue } from "../../settings-group.ts";
import { guardOf } from "./guarded-sysctls.ts";
import { isSetByImage } from "./image-sysctls.ts";
import { SysctlKey, sysctlPath } from "./sysctl-key.ts";

const MAX_SYSCTLS = 256;
const VALUE_MAX_LENGTH = 1024;

const SysctlValue = z
  .string()
  .min(1, { error: "must not be empty" })
  .max(VALUE_MAX_LENGTH, { error: `must be at most ${VALUE_MAX_LENGTH} characters` })
  .regex(/^[\x20-\x7e]*$/, { error: "must be one line of printable ASCII" })
  .refine((text) => text.trim() === text, { error: "must not begin or end with a space" })
  .meta({ description: "Value of this kernel parameter.", example: "1" });

/** The levels in the order in which the kernel can go up them. `none` does not exist: the kernel is built with more. */
export const LOCKDOWN_LEVELS = ["integrity", "confidentiality"] as const;

const Kernel = z
  .strictObject({
    lockdown: z.enum(LOCKDOWN_LEVELS, { error: `must be ${LOCKDOWN_LEVELS.join(" or ")}` }).meta({
      description:
        "What the kernel keeps from root: `integrity`, that nobody changes it; `confidentiality`, also that nobody reads its memory. A running kernel is raised at once; lowering takes effect at the next boot.",
      example: "confidentiality",
    }),
    sysctl: namedMap({ entry: SysctlValue, name: SysctlKey, max: MAX_SYSCTLS }).meta({
      description: `Kernel parameters by their names in sysctl.d(5), at most ${MAX_SYSCTLS}. Those that guard the kernel can only be made stronger. One that is taken away goes back to what the image sets; if the image does not set it, it keeps its value until the next boot.`,
    }),
  })
  .meta({ description: "What the kernel allows, and its parameters." });
type Kernel = z.output<typeof Kernel>;

/**
 * Levels and values reach the kernel through systemd's own programs, each in a unit that can do nothing else: the apiserver
 * cannot write to the kernel.
 */
export const kernel = defineGroup({
  schema: Kernel,
  defaults: { lockdown: "integrity", sysctl: {} },
  secrets: [],
  check: ({ sysctl }) => checkSysctls(sysctl),
  services: [
    {
      name: "sysctl",
      keys: ["sysctl"],
      files: [{ path: "kernel-sysctl.conf", mode: 0o644, render: renderSysctls }],
      units: ["kernel-sysctl.service"],
      needsReboot: (before, after) => !canRestore(before.sysctl, after.sysctl),
    },
    {
      name: "lockdown",
      keys: ["lockdown"],
      files: [{ path: "kernel-lockdown.conf", mode: 0o644, render: renderLockdown }],
      // kernel-lockdown.service is started when the level must go up: the kernel refuses to be told the level it has.
      units: [],
      needsReboot: (before, after) => levelOf(after) < levelOf(before),
    },
  ],
});

/** Whether everything that is no longer set goes back to a value that the image gives. */
function canRestore(before: Kernel["sysctl"], after: Kernel["sysctl"]): boolean {
  const kept = new Set(Object.keys(after).map(sysctlPath));
  return Object.keys(before)
    .map(sysctlPath)
    .every((path) => kept.has(path) || isSetByImage(path));
}

function levelOf({ lockdown }: Kernel): number {
  return LOCKDOWN_LEVELS.indexOf(lockdown);
}

function renderSysctls({ sysctl }: Kernel): string {
  return Object.entries(sysctl)
    .map(([key, value]) => sysctlAssignment(key, value))
    .join("");
}

/** tmpfiles.d(5): `w` writes to a file that exists. */
function renderLockdown({ lockdown }: Kernel): string {
  return `w /sys/kernel/security/lockdown - - - - ${lockdown}\n`;
}

function checkSysctls(sysctls: Kernel["sysctl"]): Issue[] {
  const byPath = Map.groupBy(Object.keys(sysctls), sysctlPath);
  const judged = Object.entries(sysctls).map(([key, value]) => {
    const [first] = byPath.get(sysctlPath(key)) ?? [];
    const twice =
      first === key ? undefined : `must not be set twice: "${first}" is the same parameter`;
    return { key, reason: guardOf(key, value) ?? twice };
  });
  return judged.flatMap(({ key, reason }) =>
    reason === undefined ? [] : [{ key: joinKey(["sysctl", key]), reason }],
  );
}
