import * as z from "zod";
import { defineGroup, type Issue } from "../../settings-group.ts";
import { CertificateBundle, pemCertificates, PrivateKey, RevocationLists } from "./pem.ts";
import { pemRevocationLists } from "./revocation-list.ts";
import { EXAMPLE_CERTIFICATE, EXAMPLE_REVOCATION_LIST } from "./pem-example.ts";

const ApiRemote = z.strictObject({
  enabled: z.boolean().meta({
    description:
      "Whether the API is served to the network, over TLS 1.3 to clients with a certificate.",
    example: true,
  }),
  port: z
    .int({ error: "must be a whole number" })
    .min(1, { error: "must be at least 1" })
    .max(65535, { error: "must be at most 65535" })
    .meta({ description: "TCP port of the remote API.", example: 443 }),
  "ca-certificate": CertificateBundle.meta({
    description:
      "Certificates of the authority that issues client certificates; one for this API alone.",
    example: EXAMPLE_CERTIFICATE,
  }).optional(),
  "server-certificate": CertificateBundle.meta({
    description:
      "Certificate of the server, then those between it and the authority that clients trust.",
    example: EXAMPLE_CERTIFICATE,
  }).optional(),
  "server-key": PrivateKey.meta({ description: "Private key of `server-certificate`." }).optional(),
  "revocation-list": RevocationLists.meta({
    description:
      "Lists of revoked client certificates, signed by the authority; each stays in force until it is replaced, even after its time.",
    example: EXAMPLE_REVOCATION_LIST,
  }).optional(),
});

type ApiRemoteValue = z.output<typeof ApiRemote>;

const NEEDED = ["ca-certificate", "server-certificate", "server-key"] as const;

export const apiRemote = defineGroup({
  schema: ApiRemote.meta({
    description:
      "The API for clients elsewhere; off unless it is enabled, and then the three PEM texts are needed.",
  }),
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
  effect: "The API server opens, replaces or closes its listener; the local socket stays.",
});

/** An enabled remote API without its CA would have nobody to trust. */
function checkApiRemote(value: ApiRemoteValue): readonly Issue[] {
  const foreign = checkRevocationLists(value);
  if (!value.enabled) return foreign;
  const missing = NEEDED.filter((key) => value[key] === undefined).map((key) => ({
    key,
    reason: "must be set when api.remote.enabled is true",
  }));
  return [...missing, ...foreign];
}

/** A list that somebody else signed would revoke nothing, and look as if it did. */
function checkRevocationLists(value: ApiRemoteValue): readonly Issue[] {
  const lists = pemRevocationLists(value["revocation-list"] ?? "");
  const authorities = pemCertificates(value["ca-certificate"] ?? "");
  const isForeign = lists.some((list) => !authorities.some((one) => list.isSignedBy(one)));
  if (!isForeign) return [];
  return [{ key: "revocation-list", reason: "must be signed by a certificate of ca-certificate" }];
}
