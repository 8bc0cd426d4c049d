import { ApiClientError, ApiError, createApiClient, type ApiClient } from "@ballast/api-client";
import { EXIT } from "@ballast/errors";
import { Boot, ConfigureAnswer } from "@ballast/model";
import { errorFields, type ProgramContext } from "@ballast/service";
import { createNodeClock, createNodeExec, createNodeFs } from "@ballast/system";
import type * as z from "zod";
import type { ConfigureCommand } from "../cli.ts";
import { NO_USER_DATA, planStep, type Refusal, type Step } from "./plan.ts";
import { findUserData, type SourceParts } from "./user-data.ts";

/** Applying all settings restarts services, and each restart may take a minute. */
const APPLY_TIMEOUT_MS = 15 * 60_000;

/** Tries until the server has configured the machine; every failure is logged and tried again. */
export async function runConfigure(
  command: ConfigureCommand,
  { log, signal }: ProgramContext,
): Promise<number> {
  const client = createApiClient({ socketPath: command.socket });
  const parts: SourceParts = {
    fs: createNodeFs(command.root),
    exec: createNodeExec(command.root),
    log,
  };
  const clock = createNodeClock();
  let refusal: Refusal | undefined;
  for (;;) {
    let step: Step | undefined;
    try {
      step = await nextStep(client, parts, refusal, signal);
      if (step.kind === "post") return reportDone(await post(client, step, signal), log);
    } catch (error) {
      if (error instanceof ApiError && step?.kind === "post") {
        const source = step.request.source ?? "none";
        log.error("User data refused", { source, reason: error.message });
        // Only a verdict on the data holds until the data changes.
        refusal = error.status === 400 ? { request: step.request } : refusal;
      } else if (error instanceof ApiError || error instanceof ApiClientError)
        log.warn("Not configured yet", errorFields(error));
      else throw error;
    }
    await clock.sleep(command.retryMs, signal);
  }
}

/** A machine that is provisioned does not look at its sources again. */
async function nextStep(
  client: ApiClient,
  parts: SourceParts,
  refusal: Refusal | undefined,
  signal: AbortSignal,
): Promise<Step> {
  const { body } = await client.request({ method: "GET", path: "/boot" }, { signal });
  if (checked(Boot, body).provisioned) return { kind: "post", request: NO_USER_DATA };
  return planStep(await findUserData(parts), refusal);
}

async function post(
  client: ApiClient,
  { request }: Extract<Step, { kind: "post" }>,
  signal: AbortSignal,
): Promise<ConfigureAnswer> {
  const call = { method: "POST", path: "/actions/configure", body: request } as const;
  const { body } = await client.request(call, { signal, timeoutMs: APPLY_TIMEOUT_MS });
  return checked(ConfigureAnswer, body);
}

function checked<Schema extends z.ZodType>(schema: Schema, body: unknown): z.output<Schema> {
  const parsed = schema.safeParse(body);
  if (parsed.success) return parsed.data;
  throw new ApiClientError("api-client.bad-answer", "Cannot read the answer of the API server", {
    cause: parsed.error,
  });
}

function reportDone(
  { services, provisioned, source }: ConfigureAnswer,
  log: ProgramContext["log"],
): number {
  for (const { name, reason } of services.filter(({ status }) => status === "failed"))
    log.error("Service not applied", { service: name, reason });
  log.notice("Configured", { provisioned, source: source ?? "none" });
  return EXIT.ok;
}
