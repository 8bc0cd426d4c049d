import * as z from "zod";

const ARGUMENT_MAX_LENGTH = 4096;
const MAX_ARGUMENTS = 128;

/** One argument or the value of a variable: any text that a process can be given. */
export const Argument = z
  .string()
  .max(ARGUMENT_MAX_LENGTH, { error: `must be at most ${ARGUMENT_MAX_LENGTH} characters` })
  .refine((text) => text.isWellFormed() && !text.includes("\0"), {
    error: "must be well-formed Unicode without NUL",
  });

/** Arguments as a process gets them; no shell reads them. */
export const Arguments = z
  .array(Argument)
  .max(MAX_ARGUMENTS, { error: `must have at most ${MAX_ARGUMENTS} entries` });
