import { EXIT } from "@ballast/errors";
import * as z from "zod";
import type { AgentContext } from "../context.ts";
import { UpdateAgentError } from "../errors.ts";
import { PATHS } from "../paths.ts";

const Refusal = z.object({
  error: z.object({ code: z.string(), message: z.string(), hint: z.string().nullable() }),
});

/**
 * Runs a command of signpost to its end and gives its answer. What it refuses is `update-agent.signpost`, in its own words;
 * when it cannot be asked that is `update-agent.no-slots`.
 */
export async function runSignpost(
  { exec }: Pick<AgentContext, "exec">,
  args: readonly string[],
): Promise<unknown> {
  const act = `Cannot run signpost ${args[0] ?? ""}`;
  const { exitCode, stdout, stderr } = await exec
    .run({ file: PATHS.signpost, args: [...args, "--json"] })
    .catch((cause: unknown) => {
      throw noSlots(act, cause);
    });
  const answer = parseJson(stdout);
  const refusal = Refusal.safeParse(answer);
  if (refusal.success) {
    const { code, message, hint } = refusal.data.error;
    throw new UpdateAgentError("update-agent.signpost", message, {
      details: { signpost_code: code },
      ...(hint === null ? {} : { hint }),
    });
  }
  if (exitCode !== 0)
    throw noSlots(
      `${act}: it ended with ${exitCode} and said ${JSON.stringify(stderr.trim().slice(0, 1000))}`,
    );
  return answer;
}

export function noSlots(message: string, cause?: unknown): UpdateAgentError {
  return new UpdateAgentError("update-agent.no-slots", message, {
    exitCode: EXIT.unavailable,
    ...(cause === undefined ? {} : { cause }),
  });
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Judged by what it must be.
    return undefined;
  }
}
