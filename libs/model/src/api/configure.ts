import * as z from "zod";
import { ServiceReport } from "./apply-report.ts";

/** `POST /actions/configure`: user data (TOML) and where it was found, or the reason why a source cannot be read. */
export const ConfigureRequest = z.strictObject({
  source: z.string().nullable(),
  user_data: z.string().nullable(),
  error: z.string().optional(),
});
export type ConfigureRequest = z.output<typeof ConfigureRequest>;

export const ConfigureAnswer = z.strictObject({
  provisioned: z.boolean(),
  source: z.string().nullable(),
  services: z.array(ServiceReport),
});
export type ConfigureAnswer = z.output<typeof ConfigureAnswer>;
