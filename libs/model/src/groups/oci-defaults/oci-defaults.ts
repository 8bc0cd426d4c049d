import * as z from "zod";
import { joinKey } from "../../keys.ts";
import { namedMap } from "../../named-map.ts";
import { defineGroup, type Issue } from "../../settings-group.ts";

/** capabilities(7) in the order of their numbers, without CAP_. */
const CAPABILITIES = [
  "chown",
  "dac-override",
  "dac-read-search",
  "fowner",
  "fsetid",
  "kill",
  "setgid",
  "setuid",
  "setpcap",
  "linux-immutable",
  "net-bind-service",
  "net-broadcast",
  "net-admin",
  "net-raw",
  "ipc-lock",
  "ipc-owner",
  "sys-module",
  "sys-rawio",
  "sys-chroot",
  "sys-ptrace",
  "sys-pacct",
  "sys-admin",
  "sys-boot",
  "sys-nice",
  "sys-resource",
  "sys-time",
  "sys-tty-config",
  "mknod",
  "lease",
  "audit-write",
  "audit-control",
  "setfcap",
  "mac-override",
  "mac-admin",
  "syslog",
  "wake-alarm",
  "block-suspend",
  "audit-read",
  "perfmon",
  "bpf",
  "checkpoint-restore",
];

/** getrlimit(2), as the peer names them. */
const RESOURCES = [
  "max-address-space",
  "max-core-file-size",
  "max-cpu-time",
  "max-data-size",
  "max-file-locks",
  "max-file-size",
  "max-locked-memory",
  "max-msgqueue-size",
  "max-nice-priority",
  "max-open-files",
  "max-pending-signals",
  "max-processes",
  "max-realtime-priority",
  "max-realtime-timeout",
  "max-resident-set",
  "max-stack-size",
];

const DEFAULT_CAPABILITIES = [
  "audit-write",
  "chown",
  "dac-override",
  "fowner",
  "fsetid",
  "kill",
  "mknod",
  "net-bind-service",
  "net-raw",
  "setfcap",
  "setgid",
  "setpcap",
  "setuid",
  "sys-chroot",
];

const UNLIMITED = -1;

/** A limit; `"unlimited"` is -1. */
const LIMIT_RULE = {
  error: 'must be a whole number of at least 0, or -1 or "unlimited" for no limit',
};
const Limit = z.union(
  [z.int(LIMIT_RULE).min(UNLIMITED, LIMIT_RULE), z.literal("unlimited")],
  LIMIT_RULE,
);
type Limit = z.output<typeof Limit>;

const ResourceLimit = z.strictObject({
  "soft-limit": Limit.meta({ description: "Limit that a container starts with.", example: 65_536 }),
  "hard-limit": Limit.meta({
    description: "Limit up to which a container may raise its own.",
    example: 1_048_576,
  }),
});

const OciDefaults = z
  .strictObject({
    capabilities: namedMap({
      entry: z.boolean().meta({
        description: "Whether containers have this capability unless they say otherwise.",
        example: false,
      }),
      name: oneOf(CAPABILITIES, "a capability of Linux in lower case, without cap-"),
    }).meta({
      description: "Capabilities that containers have unless they say otherwise.",
    }),
    "resource-limits": namedMap({
      entry: ResourceLimit,
      name: oneOf(RESOURCES, `one of ${RESOURCES.join(", ")}`),
    }).meta({ description: "Limits of resources that containers have unless they say otherwise." }),
  })
  .meta({ description: "What containers may do and use unless they say otherwise." });
type OciDefaults = z.output<typeof OciDefaults>;

/** Read by what makes containers; there is no such program yet. */
export const ociDefaults = defineGroup({
  schema: OciDefaults,
  defaults: {
    capabilities: Object.fromEntries(DEFAULT_CAPABILITIES.map((name) => [name, true])),
    "resource-limits": {
      "max-open-files": { "soft-limit": 65_536, "hard-limit": 1_048_576 },
    },
  },
  secrets: [],
  check: checkLimits,
  services: [],
});

function checkLimits({ "resource-limits": limits }: OciDefaults): Issue[] {
  return Object.entries(limits)
    .filter(([, limit]) => numberOf(limit["soft-limit"]) > numberOf(limit["hard-limit"]))
    .map(([name]) => ({
      key: joinKey(["resource-limits", name, "soft-limit"]),
      reason: "must not be above the hard limit",
    }));
}

function numberOf(limit: Limit): number {
  return limit === "unlimited" || limit === UNLIMITED ? Number.POSITIVE_INFINITY : limit;
}

function oneOf(names: readonly string[], what: string): z.ZodString {
  return z.string().refine((name) => names.includes(name), { error: `must be named by ${what}` });
}
