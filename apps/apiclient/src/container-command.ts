export interface ExecCommand {
  readonly do: "exec";
  readonly container: string;
  readonly command: readonly string[];
  /** Undefined: as input and output are terminals. */
  readonly tty: boolean | undefined;
}

/** Commands about containers and updates. */
export type WorkloadCommand =
  | { readonly do: "containers"; readonly json: boolean }
  | ExecCommand
  | { readonly do: "update"; readonly verb: "check" | "cancel" | "status"; readonly json: boolean }
  | {
      readonly do: "update";
      readonly verb: "apply";
      readonly check: boolean;
      readonly reboot: boolean;
      readonly json: boolean;
    };
