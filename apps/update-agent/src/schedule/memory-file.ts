import { createHash } from "node:crypto";
import { describeError } from "@ballast/errors";
import type { UpdateAgentConfig } from "@ballast/model";
import * as z from "zod";
import type { AgentContext } from "../context.ts";
import { PATHS } from "../paths.ts";
import { NO_MEMORY, ScheduleMemory } from "./memory.ts";

type Parts = Pick<AgentContext, "fs" | "log">;

const Reboots = z.strictObject({ version: z.string(), count: z.int().min(0) });

/** As the last run of this boot left it; nothing, if it cannot be read. */
export async function readMemory(parts: Parts): Promise<ScheduleMemory> {
  return (await readFile(parts, PATHS.scheduleMemory, ScheduleMemory)) ?? NO_MEMORY;
}

export async function writeMemory({ fs }: Parts, memory: ScheduleMemory): Promise<void> {
  await fs.writeDurable(PATHS.scheduleMemory, `${JSON.stringify(memory)}\n`, 0o600);
}

/** How often the schedule has restarted the machine for this version. */
export async function readReboots(parts: Parts, version: string | undefined): Promise<number> {
  const reboots = await readFile(parts, PATHS.scheduledReboots, Reboots);
  return reboots?.version === version ? (reboots?.count ?? 0) : 0;
}

/** Durable before the restart that it counts. */
export async function writeReboots({ fs }: Parts, version: string, count: number): Promise<void> {
  await fs.writeDurable(PATHS.scheduledReboots, `${JSON.stringify({ version, count })}\n`, 0o600);
}

/** Tells one state of the settings from another. */
export function hashOf(config: UpdateAgentConfig): string {
  return createHash("sha256").update(JSON.stringify(config)).digest("hex");
}

async function readFile<Schema extends z.ZodType>(
  { fs, log }: Parts,
  path: string,
  schema: Schema,
): Promise<z.output<Schema> | undefined> {
  try {
    const text = await fs.readText(path);
    return text === undefined ? undefined : schema.parse(JSON.parse(text));
  } catch (error) {
    log.warn("What the schedule knew cannot be read", { file: path, reason: describeError(error) });
    return undefined;
  }
}
