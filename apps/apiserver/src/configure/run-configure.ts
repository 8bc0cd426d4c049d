import { EXIT } from "@ballast/errors";
import { Boot, ConfigureAnswer, ProblemSchema } from "@ballast/model";
import { errorFields, type ProgramContext } from "@ballast/service";
import { createNodeClock, createNodeExec, createNodeFs } from "@ballast/system";
import type { ConfigureCommand } from "../cli.ts";
import { callApi, type Reply } from "./call-api.ts";
import { ConfigureError } from "./configure-error.ts";
import { NO_USER_DATA, planStep, type Refusal, type Step } from "./plan.ts";
import { findUserData, type SourceParts } from "./user-data.ts";

/** Tries until the server has configured the machine; every failure is logged and tried again. */
export async function runConfigure(
  command: ConfigureCommand,
  { log, signal }: ProgramContext,
): Promise<number> {
  const parts: SourceParts = {
    fs: createNodeFs(command.root),
    exec: createNodeExec(command.root),
    log,
  };
  const clock = createNodeClock();
  let refusal: Refusal | undefined;
  for (;;) {
    try {
      const step = await nextStep(command, parts, refusal, signal);
      if (step.kind === "post") {
        const reply = await callApi(
          command.socket,
          "POST",
          "/actions/configure",
          step.request,
          signal,
        );
        if (reply.status === 200) return reportDone(reply, log);
        log.error("User data refused", {
          source: step.request.source ?? "none",
          reason: detail(reply),
        });
        // Only a verdict on the data holds until the data changes.
        refusal = reply.status === 400 ? { request: step.request } : refusal;
      }
    } catch (error) {
      if (!(error instanceof ConfigureError)) throw error;
      log.warn("Not configured yet", errorFields(error));
    }
    await clock.sleep(command.retryMs, signal);
  }
}

/** A machine that is provisioned does not look at its sources again. */
async function nextStep(
  { socket }: ConfigureCommand,
  parts: SourceParts,
  refusal: Refusal | undefined,
  signal: AbortSignal,
): Promise<Step> {
  const reply = await callApi(socket, "GET", "/boot", undefined, signal);
  const boot = Boot.safeParse(reply.body);
  if (!boot.success)
    throw new ConfigureError("configure.bad-answer", `GET /boot answered status ${reply.status}`);
  if (boot.data.provisioned) return { kind: "post", request: NO_USER_DATA };
  return planStep(await findUserData(parts), refusal);
}

function reportDone(reply: Reply, log: ProgramContext["log"]): number {
  const answer = ConfigureAnswer.parse(reply.body);
  for (const { name, reason } of answer.services.filter(({ status }) => status === "failed"))
    log.error("Service not applied", { service: name, reason });
  log.notice("Configured", { provisioned: answer.provisioned, source: answer.source ?? "none" });
  return EXIT.ok;
}

function detail(reply: Reply): string {
  const problem = ProblemSchema.safeParse(reply.body);
  return problem.success ? problem.data.detail : `status ${reply.status}`;
}
