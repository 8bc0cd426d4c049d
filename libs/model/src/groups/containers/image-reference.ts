import * as z from "zod";

const REFERENCE_MAX_LENGTH = 512;
const HOST = String.raw`(?:[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?|\[[0-9a-fA-F:]+\])(?::[0-9]{1,5})?`;
const PATH = String.raw`[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*`;
const TAG = String.raw`[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}`;
const DIGEST = String.raw`sha256:[0-9a-f]{64}|sha512:[0-9a-f]{128}`;

/**
 * Name of an image in the grammar of the OCI distribution specification, with the host of its registry: what a short name
 * means would depend on who reads it.
 */
export const ImageReference = z
  .string()
  .max(REFERENCE_MAX_LENGTH, { error: `must be at most ${REFERENCE_MAX_LENGTH} characters` })
  .regex(new RegExp(`^${HOST}(?:/${PATH})+(?::${TAG})?(?:@(?:${DIGEST}))?$`), {
    error: "must be an image with its registry, for example docker.io/library/nginx:1.29",
  })
  .refine((text) => /^(?:localhost|[^/]*[.:[])/.test(text), {
    error: "must begin with the host of a registry, for example docker.io/",
  });
