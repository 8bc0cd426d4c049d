/** One option of a command, as data: parser, help and completion are made from it. */
interface OptionSpec {
  readonly type: "string" | "boolean";
  readonly short?: string;
  readonly multiple?: true;
  /** What a string stands for in the help, for example `DIR`. */
  readonly value?: string;
  readonly help: string;
}

export const JSON_OPTION = {
  json: { type: "boolean", help: "Print JSON" },
} as const satisfies OptionSpecs;

export type OptionSpecs = Readonly<Record<string, OptionSpec>>;

export interface CommandSpec {
  readonly summary: string;
  /** What follows the name and the options. */
  readonly operands?: string;
  /** Words of which one must follow the name. */
  readonly verbs?: readonly string[];
  /** It calls no machine: the options that say which one are not taken. */
  readonly offline?: true;
  readonly about?: string;
  readonly options: OptionSpecs;
  readonly examples: readonly string[];
}
