import type { UpdateRequest } from "@ballast/model";
import type { InhibitCommand } from "./inhibit-cli.ts";

export interface UpdateApply {
  readonly do: "update";
  readonly verb: "apply";
  readonly request: UpdateRequest;
  /** Path of a bundle to hand over first. */
  readonly bundle: string | undefined;
  /** It is only written to the other slot. */
  readonly prepareOnly: boolean;
  readonly reboot: boolean;
  readonly json: boolean;
}

/** `update`. */
export type UpdateCommand =
  | {
      readonly do: "update";
      readonly verb: "check";
      readonly ignoreWaves: boolean;
      readonly json: boolean;
    }
  | {
      readonly do: "update";
      readonly verb: "plan";
      readonly request: UpdateRequest;
      readonly json: boolean;
    }
  | UpdateApply
  | InhibitCommand
  | {
      readonly do: "update";
      readonly verb: "activate";
      readonly reboot: boolean;
      readonly json: boolean;
    }
  | { readonly do: "update"; readonly verb: "cancel"; readonly json: boolean }
  | {
      readonly do: "update";
      readonly verb: "status";
      readonly watch: boolean;
      readonly json: boolean;
    };
