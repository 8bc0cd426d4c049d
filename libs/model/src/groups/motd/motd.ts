import * as z from "zod";
import { defineGroup } from "../../settings-group.ts";

const MOTD_MAX_BYTES = 4096;

/** Text shown on the console and at log-in: lines of printable characters, at most 4096 bytes of UTF-8. */
const Motd = z
  .string()
  .refine((text) => Buffer.byteLength(text) <= MOTD_MAX_BYTES, {
    error: `must be at most ${MOTD_MAX_BYTES} bytes`,
  })
  // A lone surrogate has no UTF-8 form: the file would not hold what was set.
  .refine((text) => text.isWellFormed(), { error: "must be well-formed Unicode" })
  .refine((text) => !/[\p{Cc}--\n]/v.test(text), {
    error: "must not contain control characters other than newline",
  })
  .meta({
    description: "Message of the day, shown on the console.",
    example: "Property of the harbour office",
  });

export const motd = defineGroup({
  schema: Motd,
  defaults: "Welcome to Ballast",
  secrets: [],
  check: () => [],
  services: [
    {
      name: "motd",
      files: [{ path: "motd", mode: 0o644, render: (text) => `${text}\n` }],
      units: [],
    },
  ],
});
