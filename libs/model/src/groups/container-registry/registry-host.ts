import * as z from "zod";

const HOST_MAX_LENGTH = 253;
const ENDPOINT_MAX_LENGTH = 1024;
const HOST = String.raw`(?:[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?(?:\.[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?)*)(?::[1-9][0-9]{0,4})?`;

/**
 * A registry as the first part of an image's name has it, `docker.io` or `registry.example.org:5000`. It becomes the name
 * of a folder, so it is letters, digits, `.`, `-` and one port and cannot lead anywhere else.
 */
export const RegistryHost = z
  .string()
  .max(HOST_MAX_LENGTH, { error: `must be named by at most ${HOST_MAX_LENGTH} characters` })
  .regex(new RegExp(`^${HOST.replaceAll("A-Z", "")}$`), {
    error: "must be named by the host of a registry in lower case, with its port if it has one",
  })
  .refine((host) => isPort(host), { error: "must be named with a port of at most 65535" });

/** The same, or `*` for every registry that has no mirrors of its own. */
export const MirroredHost = z
  .string()
  .refine((host) => host === "*" || RegistryHost.safeParse(host).success, {
    error: "must be named by the host of a registry in lower case, or * for all others",
  });

/** Where a mirror is. A path, if there is one, is the root of its API; `/v2` is meant otherwise. */
export const Endpoint = z
  .string()
  .max(ENDPOINT_MAX_LENGTH, { error: `must be at most ${ENDPOINT_MAX_LENGTH} characters` })
  .regex(
    new RegExp(
      String.raw`^https?://(?:${HOST}|\[[0-9A-Fa-f:.]+\](?::[1-9][0-9]{0,4})?)(?:/[A-Za-z0-9._~/-]*)?$`,
    ),
    {
      error: "must be a URL of http: or https: without user name, query or fragment",
    },
  )
  .refine((text) => URL.canParse(text), { error: "must be a URL with a valid host and port" });

function isPort(host: string): boolean {
  return Number(/:(\d+)$/.exec(host)?.[1] ?? 1) <= 65_535;
}
