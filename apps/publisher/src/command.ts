import type { CommandName, Shell } from "./command-table.ts";

/** Where something is signed. */
interface Signing {
  readonly repository: string;
  readonly keys: string;
  readonly passphraseFile: string;
}

export interface InitCommand extends Signing {
  readonly do: "init";
  readonly rootKeys: number;
  readonly rootThreshold: number;
}

export interface AddCommand extends Signing {
  readonly do: "add";
  readonly image: string;
  /** The name of a policy, or a file. */
  readonly waves: string;
  readonly dryRun: boolean;
  readonly json: boolean;
}

export interface SetMaxVersionCommand extends Signing {
  readonly do: "set-max-version";
  readonly version: string;
}

export interface RefreshCommand extends Signing {
  readonly do: "refresh";
}

export interface ValidateCommand {
  readonly do: "validate";
  readonly repository: string;
  readonly root: string;
  readonly json: boolean;
}

export interface ServeCommand {
  readonly do: "serve";
  readonly repository: string;
  readonly host: string;
  readonly port: number;
  readonly json: boolean;
}

export type Command =
  | { readonly do: "help"; readonly topic: CommandName | undefined }
  | { readonly do: "version" }
  | { readonly do: "completion"; readonly shell: Shell }
  | InitCommand
  | AddCommand
  | SetMaxVersionCommand
  | RefreshCommand
  | ValidateCommand
  | ServeCommand;
