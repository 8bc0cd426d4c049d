/** What is wished of a commit. */
export interface CommitFlags {
  readonly trySeconds: number | undefined;
  readonly rollbackOnFailure: boolean;
  readonly json: boolean;
}

/** Commands that change settings or look at changes of them. A source is a file, `-` or an https URL. */
export type SettingsCommand =
  | { readonly do: "unset"; readonly keys: readonly string[]; readonly flags: CommitFlags }
  | {
      readonly do: "apply";
      readonly sources: readonly string[];
      readonly ca: string | undefined;
      readonly flags: CommitFlags;
    }
  | { readonly do: "edit"; readonly flags: CommitFlags }
  | { readonly do: "commit"; readonly tx: string; readonly flags: CommitFlags }
  | {
      readonly do: "restore";
      readonly id: number;
      readonly dryRun: boolean;
      readonly flags: CommitFlags;
    }
  | {
      readonly do: "diff";
      readonly source: string | undefined;
      readonly ca: string | undefined;
      readonly tx: string;
      readonly json: boolean;
    }
  | { readonly do: "history"; readonly count: number | undefined; readonly json: boolean }
  | {
      readonly do: "confirm" | "revert";
      readonly token: string | undefined;
      readonly json: boolean;
    };
