import { BallastError } from "@ballast/errors";

/**
 * Of a transfer `bad-frame`, `wrong-chunk` and `wrong-root-hash` say that the bytes are not those of the release; `disk` and
 * `read-back` that the machine's own disk fails.
 */
export type UpdateAgentErrorCode =
  | "update-agent.bad-config"
  | "update-agent.bad-frame"
  | "update-agent.bad-request"
  | "update-agent.busy"
  | "update-agent.disk"
  | "update-agent.fallback-needed"
  | "update-agent.incomplete"
  | "update-agent.no-lock"
  | "update-agent.no-release"
  | "update-agent.no-root-of-trust"
  | "update-agent.no-slots"
  | "update-agent.no-space"
  | "update-agent.no-such-update"
  | "update-agent.not-allowed"
  | "update-agent.not-configured"
  | "update-agent.read-back"
  | "update-agent.reboot"
  | "update-agent.same-root"
  | "update-agent.settings"
  | "update-agent.signpost"
  | "update-agent.slot-conflict"
  | "update-agent.state"
  | "update-agent.wrong-chunk"
  | "update-agent.wrong-root-hash";

/** What the update agent refuses or cannot do; the API server answers by these codes. */
export class UpdateAgentError extends BallastError<UpdateAgentErrorCode> {}
