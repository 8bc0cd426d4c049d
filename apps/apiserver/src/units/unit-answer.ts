import { BallastError } from "@ballast/errors";
import type { Exec, Fs } from "@ballast/system";
import * as z from "zod";
import { ApiError } from "../api-error.ts";
import { PATHS } from "../paths.ts";

/** What a program that was run as a unit refused or could not do, in its own words. */
export class UnitRefusal extends BallastError {}

/** A program of the image, run as a unit of systemd that leaves its answer in a file. */
export interface AnsweringUnit {
  readonly unit: string;
  /** For messages: program and command. */
  readonly name: string;
  readonly answer: string;
}

/** What such a program prints with `--json` when it fails. */
const Failure = z.object({
  error: z.object({ code: z.string(), message: z.string(), hint: z.string().nullable() }),
});

/** Has systemd start the unit and, unless told, waits for its end. The unit succeeds also when its program refuses. */
export async function startUnit(
  exec: Exec,
  { unit, name }: Pick<AnsweringUnit, "unit" | "name">,
  { timeoutMs, waits = true }: { readonly timeoutMs: number; readonly waits?: boolean },
): Promise<void> {
  const { exitCode, stderr } = await exec.run({
    file: PATHS.systemctl,
    args: ["--no-ask-password", ...(waits ? [] : ["--no-block"]), "start", unit],
    timeoutMs,
  });
  if (exitCode !== 0)
    throw new ApiError(
      "apiserver.command-failed",
      `Cannot run ${name}: systemctl says "${stderr.trim()}"`,
      { hint: `See journalctl --unit=${unit}.`, details: { exit_code: exitCode } },
    );
}

/** The answer of a unit that has ended. Rejects with {@link UnitRefusal} if it is a refusal. */
export async function readAnswer<Schema extends z.ZodType>(
  fs: Fs,
  { name, answer }: Pick<AnsweringUnit, "name" | "answer">,
  schema: Schema,
): Promise<z.output<Schema>> {
  const found = parseJson(name, await fs.readText(answer));
  throwRefusal(found);
  const parsed = schema.safeParse(found);
  if (parsed.success) return parsed.data;
  throw new ApiError("apiserver.command-failed", `Cannot read the answer of ${name}`, {
    cause: parsed.error,
  });
}

/** Throws {@link UnitRefusal} if that is what was answered. */
export function throwRefusal(answer: unknown): void {
  const failure = Failure.safeParse(answer);
  if (!failure.success) return;
  const { code, message, hint } = failure.data.error;
  throw new UnitRefusal(code, message, hint === null ? {} : { hint });
}

function parseJson(name: string, text: string | undefined): unknown {
  try {
    return JSON.parse(text ?? "");
  } catch (cause) {
    throw new ApiError("apiserver.command-failed", `There is no answer of ${name}`, { cause });
  }
}
