import * as z from "zod";

/** The kernel keeps 64 bytes (`__NEW_UTS_LEN`) and would silently cut a longer name. */
const HOSTNAME_MAX_LENGTH = 64;

/** Lower-case labels of 1–63 of `[0-9a-z-]`, none starting with `-`, joined by single dots. */
export const Hostname = z
  .string()
  .min(1, { error: "must not be empty" })
  .max(HOSTNAME_MAX_LENGTH, { error: `must be at most ${HOSTNAME_MAX_LENGTH} characters` })
  .regex(/^[0-9a-z.-]*$/, { error: "must consist of lower-case letters, digits, '-' and '.'" })
  .refine((name) => name.split(".").every((label) => /^[0-9a-z][0-9a-z-]{0,62}$/.test(label)), {
    error: "must consist of labels of 1 to 63 characters that do not start with '-'",
  });
