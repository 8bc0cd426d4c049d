export interface ExecCommand {
  readonly do: "exec";
  readonly container: string;
  readonly command: readonly string[];
  /** Undefined: as input and output are terminals. */
  readonly tty: boolean | undefined;
}

/** Commands about containers. */
export type WorkloadCommand = { readonly do: "containers"; readonly json: boolean } | ExecCommand;
