import type * as z from "zod";

/** Our messages say what a value must be; the reference says what it is. The first that fits is taken. */
const REWORDED: readonly (readonly [RegExp, string])[] = [
  [/^must be an? /, ""],
  [/^must be named by /, ""],
  [/^must be /, ""],
  [/^must not be /, "not "],
  [/^must not contain /, "without "],
  [/^must consist of /, "of "],
  [/^must contain /, "with "],
  [/^must have /, "with "],
  [/^must (?:start|begin) with /, "starting with "],
  [/^must end with /, "ending with "],
];

/** What a message demands, as words behind the name of a type: `must be at most 64 characters` → `at most 64 characters`. */
function reword(message: string): string {
  const rule = REWORDED.find(([pattern]) => pattern.test(message));
  return rule === undefined ? message : message.replace(rule[0], rule[1]);
}

/** The words of one rule of a schema; undefined for a rule that has no message and no bound that words could tell. */
export function ruleWords(check: z.core.$ZodCheck, plural: string): string | undefined {
  const bound = defOf(check);
  return messageOf(check) ?? BOUNDS[bound.check ?? ""]?.(bound, plural);
}

/** The rules that a schema has besides its type. */
export function checksOf(schema: z.core.$ZodType): readonly z.core.$ZodCheck[] {
  return defOf(schema).checks ?? [];
}

/** What a schema's or a rule's own message demands, in words; undefined if it has none. */
export function messageOf(part: z.core.$ZodType | z.core.$ZodCheck): string | undefined {
  const { error } = defOf(part);
  const message = error?.({ code: "custom", input: undefined, path: [] });
  return typeof message === "string" ? reword(message) : undefined;
}

/** What is read of the definitions of schemas and rules. */
interface Definition {
  readonly error?: (issue: unknown) => unknown;
  readonly checks?: readonly z.core.$ZodCheck[];
  readonly check?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly value?: number;
  readonly inclusive?: boolean;
}

type BoundWords = (bound: Definition, plural: string) => string;

const BOUNDS: Readonly<Record<string, BoundWords>> = {
  min_length: ({ minimum }, plural) => `at least ${minimum} ${plural}`,
  max_length: ({ maximum }, plural) => `at most ${maximum} ${plural}`,
  greater_than: ({ inclusive, value }) =>
    `${inclusive === true ? "at least" : "more than"} ${value}`,
  less_than: ({ inclusive, value }) => `${inclusive === true ? "at most" : "less than"} ${value}`,
};

/** What a schema or a rule was made of. zod documents this for tools that read schemas; it has no other way in. */
function defOf(part: z.core.$ZodType | z.core.$ZodCheck): Definition {
  // oxlint-disable-next-line no-underscore-dangle, typescript/no-unsafe-type-assertion -- see above
  return part._zod.def as Definition;
}
