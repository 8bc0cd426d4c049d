import * as z from "zod";
import { ServiceReport } from "./apply-report.ts";
import { Slot } from "./os.ts";

/** `GET /boot`: how this boot was configured, with the report of the last apply. */
export const Boot = z.strictObject({
  slot: Slot.nullable(),
  provisioned: z.boolean(),
  user_data_source: z.string().nullable(),
  user_data_error: z.string().nullable(),
  services: z.array(ServiceReport),
});
export type Boot = z.output<typeof Boot>;
