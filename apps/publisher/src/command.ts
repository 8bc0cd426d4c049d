import type { RoleName } from "@ballast/tuf/repository";
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
  /** OCI archives that go with it. */
  readonly archives: readonly string[];
  readonly dryRun: boolean;
  readonly json: boolean;
}

export interface SetMaxVersionCommand extends Signing {
  readonly do: "set-max-version";
  readonly version: string;
  /** Undefined: of all. */
  readonly variant: string | undefined;
  readonly dryRun: boolean;
  readonly json: boolean;
}

export interface WavesCommand {
  readonly do: "waves";
  readonly repository: string;
  readonly release: string | undefined;
  /** Undefined: they are only shown. */
  readonly change: WavesChange | undefined;
  readonly json: boolean;
}

export interface WavesChange {
  readonly keys: string;
  readonly passphraseFile: string;
  readonly waves: string;
  /** From when on they count; now unless told. */
  readonly startAt: Temporal.Instant | undefined;
  readonly dryRun: boolean;
}

interface SigningRoot extends Signing {
  /** None: those of root in the folder of keys. */
  readonly rootKeyFiles: readonly string[];
  readonly rootPassphraseFile: string | undefined;
  readonly dryRun: boolean;
  readonly json: boolean;
}

export interface RotateKeyCommand extends SigningRoot {
  readonly do: "rotate-key";
  readonly role: RoleName;
}

export interface RenewRootCommand extends SigningRoot {
  readonly do: "renew-root";
}

export interface BundleCommand {
  readonly do: "bundle";
  readonly repository: string;
  readonly file: string;
  /** None: the newest of each variant. */
  readonly releases: readonly string[];
  readonly dryRun: boolean;
  readonly json: boolean;
}

export interface SimulateCommand {
  readonly do: "simulate";
  /** Undefined: what a machine fetches is told. */
  readonly repository: string | undefined;
  readonly release: string | undefined;
  /** The release that machines have; undefined: nothing of it. */
  readonly from: string | undefined;
  readonly machines: number;
  readonly checkMinutes: number;
  readonly waves: string | undefined;
  readonly bytes: number | undefined;
  readonly json: boolean;
}

export interface RefreshCommand extends Signing {
  readonly do: "refresh";
}

export interface ValidateCommand {
  readonly do: "validate";
  readonly repository: string;
  readonly root: string;
  readonly ignoreExpiry: boolean;
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
  | WavesCommand
  | SetMaxVersionCommand
  | RefreshCommand
  | RotateKeyCommand
  | RenewRootCommand
  | ValidateCommand
  | BundleCommand
  | SimulateCommand
  | ServeCommand;
