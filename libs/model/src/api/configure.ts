import * as z from "zod";
import { GENERATOR_NAMES } from "../settings-group.ts";
import { ServiceReport } from "./apply-report.ts";
import { GeneratorReport } from "./boot.ts";

/** `POST /actions/provision`: user data (TOML) and where it was found, or the reason why a source cannot be read. */
export const ProvisionRequest = z.strictObject({
  source: z.string().nullable(),
  user_data: z.string().nullable(),
  error: z.string().optional(),
});
export type ProvisionRequest = z.output<typeof ProvisionRequest>;

const GeneratorName = z.enum(GENERATOR_NAMES);

export const ProvisionAnswer = z.strictObject({
  provisioned: z.boolean(),
  source: z.string().nullable(),
  /** Generators of settings that are not set. */
  due: z.array(GeneratorName),
});
export type ProvisionAnswer = z.output<typeof ProvisionAnswer>;

/** What became of one generator: a value, or why there is none. */
export const GeneratorResult = z.strictObject({
  name: GeneratorName,
  outcome: z.enum(["value", "none", "failed"]),
  value: z.unknown().optional(),
  reason: z.string().optional(),
  duration_ms: z.int().min(0),
});
export type GeneratorResult = z.output<typeof GeneratorResult>;

/** `POST /actions/configure`: what the generators gave; all settings are applied. */
export const ConfigureRequest = z.strictObject({ generated: z.array(GeneratorResult).max(64) });
export type ConfigureRequest = z.output<typeof ConfigureRequest>;

export const ConfigureAnswer = z.strictObject({
  provisioned: z.boolean(),
  source: z.string().nullable(),
  generators: z.array(GeneratorReport),
  services: z.array(ServiceReport),
});
export type ConfigureAnswer = z.output<typeof ConfigureAnswer>;
