/** What a command gets from the program's edge. */
export interface Context {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly stdout: (text: string) => Promise<void>;
  /** For progress; not the answer. */
  readonly stderr: (text: string) => void;
  readonly isTerminal: boolean;
  readonly now: Temporal.Instant;
  readonly signal: AbortSignal;
}
