type Value = string | number | boolean;

/** One section; an entry without a value is left out, so that what reads the file uses its own default. */
export interface ConfSection {
  readonly name: string;
  /** A line for people above the entries. */
  readonly comments?: readonly string[];
  readonly entries: readonly (readonly [key: string, value: Value | undefined])[];
}

/**
 * A configuration file as systemd.syntax(7) has it. The value is everything after `=`, blanks at its ends are dropped, a
 * backslash at the end goes on in the next line, an empty value takes away what was said before: a value that would not
 * come back as it was is refused, because nothing can quote it. Sections without entries are left out.
 */
export function systemdConf(sections: readonly ConfSection[]): string {
  return sections
    .filter(({ entries }) => entries.some(([, value]) => value !== undefined))
    .map(section)
    .join("\n");
}

function section({ name, comments = [], entries }: ConfSection): string {
  const lines = [`[${checked(name)}]\n`, ...comments.map(comment), ...entries.flatMap(line)];
  return lines.join("");
}

/** In a comment too a backslash at the end would go on in the next line. */
function comment(text: string): string {
  if (/\p{Cc}/u.test(text) || text.endsWith("\\"))
    throw new Error("Cannot write the comment on one line");
  return `# ${text}\n`;
}

function line([key, value]: readonly [string, Value | undefined]): string[] {
  if (value === undefined) return [];
  const text = typeof value === "boolean" ? (value ? "yes" : "no") : String(value);
  const isHeld = text !== "" && text.trim() === text && !text.endsWith("\\");
  if (!isHeld || /\p{Cc}/u.test(text) || !text.isWellFormed())
    throw new Error(`Cannot write the value of "${key}" on one line`);
  return [`${checked(key)}=${text}\n`];
}

function checked(name: string): string {
  if (/^[A-Za-z0-9]+$/.test(name)) return name;
  throw new Error(`Cannot write "${name}" as the name of a section or a key`);
}
