import * as z from "zod";
import { defineGroup, type Issue } from "../../settings-group.ts";
import { CertificateBundle, PrivateKey } from "./pem.ts";

const ApiRemote = z.strictObject({
  enabled: z.boolean(),
  port: z
    .int({ error: "must be a whole number" })
    .min(1, { error: "must be at least 1" })
    .max(65535, { error: "must be at most 65535" }),
  "ca-certificate": CertificateBundle.optional(),
  "server-certificate": CertificateBundle.optional(),
  "server-key": PrivateKey.optional(),
});

type ApiRemoteValue = z.output<typeof ApiRemote>;

const NEEDED = ["ca-certificate", "server-certificate", "server-key"] as const;

export const apiRemote = defineGroup({
  schema: ApiRemote,
  defaults: { enabled: false, port: 8443 },
  secrets: ["server-key"],
  check: checkApiRemote,
  services: [
    {
      name: "api-remote",
      // The listener takes the settings themselves: the key is in no second place.
      files: [],
      units: [],
    },
  ],
});

/** An enabled remote API without its CA would have nobody to trust. */
function checkApiRemote(value: ApiRemoteValue): readonly Issue[] {
  if (!value.enabled) return [];
  return NEEDED.filter((key) => value[key] === undefined).map((key) => ({
    key,
    reason: "must be set when api.remote.enabled is true",
  }));
}
