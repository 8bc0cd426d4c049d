import * as z from "zod";
import { CpuQuantity, MemoryQuantity } from "./quantities.ts";

/** Limits of one container. */
export const Resources = z.strictObject({
  cpu: CpuQuantity.meta({ description: "Processors at most.", example: "500m" }).optional(),
  memory: MemoryQuantity.meta({ description: "Memory at most.", example: "256Mi" }).optional(),
  pids: z
    .int({ error: "must be a whole number" })
    .min(1, { error: "must be at least 1" })
    .max(4_194_304, { error: "must be at most 4194304" })
    .meta({ description: "Processes and threads at most.", example: 512 })
    .optional(),
});
