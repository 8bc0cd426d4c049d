import type { Call } from "@ballast/api-client";
import type { CommandName } from "./command-table.ts";
import type { ReportCommand } from "./report-cli.ts";
import type { CommitFlags, SettingsCommand } from "./settings-command.ts";
import type { UpdateCommand } from "./update-command.ts";
import type { WorkloadCommand } from "./container-command.ts";

/** How the caller wants to reach the API; what is undefined comes from the environment or the defaults. */
export interface Connection {
  /** One name, or several with commas between them. */
  readonly context: string | undefined;
  readonly remote: string | undefined;
  readonly credentials: string | undefined;
  readonly socket: string | undefined;
}

export interface BootstrapRequest {
  readonly outDir: string;
  /** Empty: the usual names. */
  readonly names: readonly string[];
  readonly role: "reader" | "operator" | "admin";
  readonly days: number;
  readonly hostname: string | undefined;
  readonly port: number;
  readonly force: boolean;
  /** The name of a context to add. */
  readonly context: string | undefined;
  readonly json: boolean;
}

/** `context`. */
export type ContextRequest = { readonly json: boolean } & (
  | {
      readonly verb: "add";
      readonly name: string;
      readonly remote: string;
      readonly credentials: string;
    }
  | { readonly verb: "list" }
  | { readonly verb: "use" | "remove"; readonly name: string }
  | { readonly verb: "show"; readonly name: string | undefined }
);

/** `certs rotate`. */
export interface CertsRequest {
  readonly connection: Connection;
  readonly days: number;
  readonly json: boolean;
}

export type Shell = "bash" | "zsh" | "fish";

export type SetValues =
  | { readonly from: "pairs"; readonly pairs: readonly string[] }
  | { readonly from: "json"; readonly text: string }
  | { readonly from: "stdin" };

export type ApiCommand =
  | { readonly do: "get"; readonly prefixes: readonly string[]; readonly json: boolean }
  | { readonly do: "get-uri"; readonly uri: string; readonly json: boolean }
  | { readonly do: "explain"; readonly key: string; readonly json: boolean }
  | { readonly do: "set"; readonly values: SetValues; readonly flags: CommitFlags }
  | SettingsCommand
  | WorkloadCommand
  | ReportCommand
  | UpdateCommand
  | { readonly do: "health"; readonly json: boolean; readonly waitMs: number }
  | {
      readonly do: "logs";
      /** Undefined: the journal of the machine. */
      readonly container: string | undefined;
      readonly follow: boolean;
      readonly unit: string | undefined;
      readonly lines: number | undefined;
      readonly since: string | undefined;
      readonly timestamps: boolean;
      readonly json: boolean;
    }
  | { readonly do: "slots"; readonly json: boolean }
  | { readonly do: "watch"; readonly json: boolean }
  | { readonly do: "rollback"; readonly reboot: boolean; readonly json: boolean }
  | { readonly do: "reset"; readonly data: boolean; readonly yes: boolean; readonly json: boolean }
  | { readonly do: "reboot" | "shutdown"; readonly json: boolean }
  | { readonly do: "raw"; readonly call: Call };

export type Command =
  | { readonly do: "help"; readonly topic: CommandName | undefined }
  | { readonly do: "version" }
  | ({ readonly do: "bootstrap" } & BootstrapRequest)
  | { readonly do: "completion"; readonly shell: Shell }
  | ({ readonly do: "certs" } & CertsRequest)
  | ({ readonly do: "context" } & ContextRequest)
  | { readonly do: "call"; readonly connection: Connection; readonly command: ApiCommand };
