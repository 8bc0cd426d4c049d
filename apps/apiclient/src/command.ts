import type { Call } from "@ballast/api-client";
import type { CommandName } from "./command-table.ts";
import type { CommitFlags, SettingsCommand } from "./settings-command.ts";

/** How the caller wants to reach the API; what is undefined comes from the environment or the defaults. */
export interface Connection {
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
  readonly json: boolean;
}

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
  | { readonly do: "get"; readonly prefixes: readonly string[] }
  | { readonly do: "get-uri"; readonly uri: string }
  | { readonly do: "set"; readonly values: SetValues; readonly flags: CommitFlags }
  | SettingsCommand
  | { readonly do: "health"; readonly json: boolean; readonly waitMs: number }
  | {
      readonly do: "logs";
      readonly follow: boolean;
      readonly unit: string | undefined;
      readonly lines: number | undefined;
      readonly json: boolean;
    }
  | { readonly do: "slots"; readonly json: boolean }
  | { readonly do: "watch"; readonly json: boolean }
  | { readonly do: "rollback"; readonly reboot: boolean; readonly json: boolean }
  | { readonly do: "reboot" }
  | { readonly do: "shutdown" }
  | { readonly do: "raw"; readonly call: Call };

export type Command =
  | { readonly do: "help"; readonly topic: CommandName | undefined }
  | { readonly do: "version" }
  | ({ readonly do: "bootstrap" } & BootstrapRequest)
  | { readonly do: "completion"; readonly shell: Shell }
  | ({ readonly do: "certs" } & CertsRequest)
  | { readonly do: "call"; readonly connection: Connection; readonly command: ApiCommand };
