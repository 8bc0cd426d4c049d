import * as z from "zod";
import { ServiceReport } from "./apply-report.ts";
import { MigrationReport, ShadowReport } from "./migration.ts";
import { Slot } from "./os.ts";
import { StateStorage } from "./state.ts";

/**
 * What became of one generator in this boot. `generated`: its value was stored. `set`: somebody or an earlier boot has set
 * the key, so it did not run. `none`: it has nothing to give on this machine. `failed`: the key stays unset until the next boot.
 */
export const GeneratorReport = z.strictObject({
  name: z.string(),
  /** Begins with `settings.`. */
  key: z.string(),
  status: z.enum(["generated", "set", "none", "failed"]),
  reason: z.string().optional(),
  duration_ms: z.int().min(0),
});
export type GeneratorReport = z.output<typeof GeneratorReport>;

/**
 * Kernel and init parameters, each as a word of the command line. `as-set`: those that are set run. `on-trial`: they run and
 * are not proven yet. `after-restart`: the next boot has them. `refused`: the last boots went without them. `not-stored`:
 * they could not be handed to the firmware.
 */
export const BootParameters = z.strictObject({
  running: z.array(z.string()),
  wanted: z.array(z.string()),
  state: z.enum(["as-set", "on-trial", "after-restart", "refused", "not-stored"]),
  reason: z.string().nullable(),
});
export type BootParameters = z.output<typeof BootParameters>;

/** `GET /boot`: how this boot was configured, with the report of the last apply. */
export const Boot = z.strictObject({
  slot: Slot.nullable(),
  state: StateStorage,
  /** Null: the running version was the last one to run, too. */
  migration: MigrationReport.nullable(),
  /** Null: no older version is known to be in the other slot, or nothing was stored yet. */
  shadow: ShadowReport.nullable(),
  provisioned: z.boolean(),
  /** Of the user data that was accepted, or else refused. */
  user_data_source: z.string().nullable(),
  user_data_error: z.string().nullable(),
  parameters: BootParameters,
  generators: z.array(GeneratorReport),
  services: z.array(ServiceReport),
});
export type Boot = z.output<typeof Boot>;
