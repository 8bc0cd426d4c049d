import { BallastError } from "@ballast/errors";

export type UpdateAgentErrorCode =
  | "update-agent.bad-config"
  | "update-agent.bad-request"
  | "update-agent.busy"
  | "update-agent.fallback-needed"
  | "update-agent.no-lock"
  | "update-agent.no-release"
  | "update-agent.no-root-of-trust"
  | "update-agent.no-slots"
  | "update-agent.no-space"
  | "update-agent.no-such-update"
  | "update-agent.not-allowed"
  | "update-agent.not-configured"
  | "update-agent.reboot"
  | "update-agent.same-root"
  | "update-agent.signpost"
  | "update-agent.slot-conflict"
  | "update-agent.state";

/** What the update agent refuses or cannot do; the API server answers by these codes. */
export class UpdateAgentError extends BallastError<UpdateAgentErrorCode> {}
