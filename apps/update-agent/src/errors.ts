import { BallastError } from "@ballast/errors";

export type UpdateAgentErrorCode =
  | "update-agent.no-release"
  | "update-agent.no-slots"
  | "update-agent.signpost";

export class UpdateAgentError extends BallastError<UpdateAgentErrorCode> {}
