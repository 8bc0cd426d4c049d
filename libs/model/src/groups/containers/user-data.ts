import * as z from "zod";

const USER_DATA_MAX_LENGTH = 64 * 1024;

/** Any bytes as base64 text, RFC 4648 section 4, with its padding. */
export const UserData = z
  .string()
  .max(USER_DATA_MAX_LENGTH, { error: `must be at most ${USER_DATA_MAX_LENGTH} characters` })
  .refine((text) => Buffer.from(text, "base64").toString("base64") === text, {
    error: "must be base64 text with its padding, on one line",
  });
