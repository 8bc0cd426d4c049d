import { ApiClientError, ApiError, createApiClient, type ApiClient } from "@ballast/api-client";
import { EXIT } from "@ballast/errors";
import {
  Boot,
  ConfigureAnswer,
  ProvisionAnswer,
  type ConfigureRequest,
  type ProvisionRequest,
} from "@ballast/model";
import { errorFields, type Log, type ProgramContext } from "@ballast/service";
import { createNodeClock, createNodeExec, createNodeFs } from "@ballast/system";
import type * as z from "zod";
import type { ConfigureCommand } from "../cli.ts";
import { ec2Hostname } from "./generate/ec2-hostname.ts";
import type { GeneratorEffects } from "./generate/generator-effect.ts";
import { runGenerators } from "./generate/run-generators.ts";
import { updateSeed } from "./generate/update-seed.ts";
import { createMetadata, EC2_METADATA } from "./metadata/metadata-service.ts";
import { NO_USER_DATA, planStep, type Refusal, type Step } from "./plan.ts";
import { findUserData, type SourceParts } from "./user-data.ts";

/** Applying all settings restarts services, and each restart may take a minute. */
const APPLY_TIMEOUT_MS = 15 * 60_000;

interface Parts {
  readonly client: ApiClient;
  readonly sources: SourceParts;
  readonly generators: GeneratorEffects;
  readonly signal: AbortSignal;
}

/** Tries until the server has configured the machine; every failure is logged and tried again. */
export async function runConfigure(
  command: ConfigureCommand,
  { log, signal }: ProgramContext,
): Promise<number> {
  const parts = createParts(command, log, signal);
  const clock = createNodeClock();
  let refusal: Refusal | undefined;
  for (;;) {
    let step: Step | undefined;
    try {
      step = await nextStep(parts, refusal);
      if (step.kind === "post") {
        const { due } = await provision(parts, step.request);
        // What fails from here on is no verdict on the user data.
        step = undefined;
        const generated = await runGenerators(due, parts.generators, clock, signal);
        return reportDone(await configure(parts, { generated }), log);
      }
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

function createParts(
  { socket, root, metadataPort }: ConfigureCommand,
  log: Log,
  signal: AbortSignal,
): Parts {
  const fs = createNodeFs(root);
  const metadata = createMetadata({
    address: metadataPort === undefined ? EC2_METADATA : { host: "127.0.0.1", port: metadataPort },
    clock: createNodeClock(),
  });
  return {
    client: createApiClient({ socketPath: socket }),
    sources: { fs, exec: createNodeExec(root), metadata, log },
    generators: { "update-seed": updateSeed, "ec2-hostname": ec2Hostname(fs, metadata) },
    signal,
  };
}

/** A machine that is provisioned does not look at its sources again. */
async function nextStep(
  { client, sources, signal }: Parts,
  refusal: Refusal | undefined,
): Promise<Step> {
  const { body } = await client.request({ method: "GET", path: "/boot" }, { signal });
  if (checked(Boot, body).provisioned) return { kind: "post", request: NO_USER_DATA };
  return planStep(await findUserData(sources, signal), refusal);
}

async function provision(
  { client, signal }: Parts,
  body: ProvisionRequest,
): Promise<ProvisionAnswer> {
  const call = { method: "POST", path: "/actions/provision", body } as const;
  return checked(ProvisionAnswer, (await client.request(call, { signal })).body);
}

async function configure(
  { client, signal }: Parts,
  body: ConfigureRequest,
): Promise<ConfigureAnswer> {
  const call = { method: "POST", path: "/actions/configure", body } as const;
  const answer = await client.request(call, { signal, timeoutMs: APPLY_TIMEOUT_MS });
  return checked(ConfigureAnswer, answer.body);
}

function checked<Schema extends z.ZodType>(schema: Schema, body: unknown): z.output<Schema> {
  const parsed = schema.safeParse(body);
  if (parsed.success) return parsed.data;
  throw new ApiClientError("api-client.bad-answer", "Cannot read the answer of the API server", {
    cause: parsed.error,
  });
}

function reportDone(
  { services, generators, provisioned, source }: ConfigureAnswer,
  log: ProgramContext["log"],
): number {
  for (const { name, key, reason } of generators.filter(({ status }) => status === "failed"))
    log.warn("Setting not generated", { generator: name, key, reason });
  for (const { name, reason } of services.filter(({ status }) => status === "failed"))
    log.error("Service not applied", { service: name, reason });
  log.notice("Configured", { provisioned, source: source ?? "none" });
  return EXIT.ok;
}
