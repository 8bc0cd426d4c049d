import * as z from "zod";
import { joinKey } from "../../keys.ts";
import { namedMap } from "../../named-map.ts";
import { defineGroup, type Issue } from "../../settings-group.ts";
import { EXAMPLE_CERTIFICATE } from "../api-remote/pem-example.ts";
import { certificatesIn, CertificateData } from "./certificates.ts";

const MAX_BUNDLES = 64;
/** All entries together: the bundle of the machine stays a file that every program can read. */
const TOTAL_MAX_LENGTH = 512 * 1024;

const Bundle = z.strictObject({
  data: CertificateData.meta({
    description: "Certificates of authorities in PEM, or the base64 text of that.",
    example: EXAMPLE_CERTIFICATE,
  }),
  trusted: z.boolean().meta({
    description:
      "Whether the machine trusts these authorities. `false` takes them out of those that the image trusts; there is no default, so that neither happens by leaving this out.",
    example: true,
  }),
});
export type Pki = Readonly<Record<string, z.output<typeof Bundle>>>;

export const pki = defineGroup({
  schema: namedMap({ entry: Bundle, max: MAX_BUNDLES }).meta({
    description: `Authorities that the machine trusts besides those of the image, or does not trust although the image does; at most ${MAX_BUNDLES} entries.`,
  }),
  defaults: {},
  secrets: [],
  check: checkPki,
  services: [
    {
      name: "pki",
      files: [],
      composedFiles: [
        {
          // /etc/ssl/certs/ca-certificates.crt is a link to it.
          path: "pki/ca-certificates.crt",
          mode: 0o644,
          imageFile: "/usr/lib/ballast/ca-certificates.crt",
          render: (value, { imageText }) => caBundle(imageText, value),
        },
      ],
      // They read authorities once, when they start.
      units: ["containerd.service", "host-containerd.service", "chronyd.service"],
      verb: "try-restart",
    },
  ],
});

function checkPki(entries: Pki): Issue[] {
  const length = Object.values(entries).reduce((sum, { data }) => sum + data.length, 0);
  if (length > TOTAL_MAX_LENGTH)
    return [{ key: "", reason: `must hold at most ${TOTAL_MAX_LENGTH} characters of data` }];
  const trusted = fingerprints(entries, true);
  return Object.entries(entries).flatMap(([name, { data, trusted: isTrusted }]) => {
    if (isTrusted) return [];
    const both = certificatesIn(data).some(({ fingerprint256 }) => trusted.has(fingerprint256));
    if (!both) return [];
    return [
      {
        key: joinKey([name, "data"]),
        reason: "must not hold a certificate that another entry trusts",
      },
    ];
  });
}

/**
 * The authorities of the machine in PEM: the image's, without what is distrusted, and what is trusted besides. Certificates
 * are compared as a whole, not by the name in them, and none is in the result twice.
 */
export function caBundle(image: string, entries: Pki): string {
  const distrusted = fingerprints(entries, false);
  const kept = [image, ...dataOf(entries, true)]
    .flatMap(certificatesIn)
    .filter(({ fingerprint256 }) => !distrusted.has(fingerprint256));
  return [...new Set(kept.map(String))].join("");
}

function fingerprints(entries: Pki, trusted: boolean): Set<string> {
  return new Set(
    dataOf(entries, trusted)
      .flatMap(certificatesIn)
      .map(({ fingerprint256 }) => fingerprint256),
  );
}

function dataOf(entries: Pki, trusted: boolean): string[] {
  return Object.values(entries)
    .filter((entry) => entry.trusted === trusted)
    .map(({ data }) => data);
}
