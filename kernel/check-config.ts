// Compares what the fragments ask for with what the kernel's own configuration made of it.
// `make allnoconfig` drops an option silently when a dependency is missing; a build must not.

export type Fragment = { readonly name: string; readonly text: string };

export type RequestedOption = {
  readonly option: string;
  readonly value: string;
  readonly file: string;
  readonly line: number;
};

export type MissingOption = RequestedOption & { readonly actual: string };

const assignment = /^CONFIG_(\w+)=(.+)$/;
const unset = /^# CONFIG_(\w+) is not set$/;

/**
 * Options of a `.config` file by name without `CONFIG_`. "is not set" reads as "n"; strings lose
 * their quotes. Lines that are neither assignment, comment nor empty are errors.
 */
export function parseConfig(text: string): ReadonlyMap<string, string> {
  const fragment = { name: "configuration", text };
  return new Map(parseFragment(fragment).map(({ option, value }) => [option, value]));
}

/** Every option that a fragment asks for, with the line where it does. */
export function parseFragment({ name, text }: Fragment): RequestedOption[] {
  return text.split("\n").flatMap((content, index) => {
    const parsed = parseLine(content);
    if (parsed === "nothing") return [];
    if (parsed === "unreadable") {
      throw new Error(
        `cannot read ${name} line ${index + 1}: "${content}" is neither CONFIG_NAME=value nor a comment`,
      );
    }
    return [{ ...parsed, file: name, line: index + 1 }];
  });
}

/** Requested options that the final configuration does not have as requested. */
export function missingOptions(
  fragments: readonly Fragment[],
  finalConfig: ReadonlyMap<string, string>,
): MissingOption[] {
  return fragments
    .flatMap(parseFragment)
    .map((request) => ({ ...request, actual: finalConfig.get(request.option) ?? "n" }))
    .filter(({ value, actual }) => value !== actual);
}

/** Options that are requested more than once: the later request would win without a word. */
export function repeatedOptions(fragments: readonly Fragment[]): RequestedOption[] {
  const seen = new Set<string>();
  return fragments.flatMap(parseFragment).filter(({ option }) => {
    const repeated = seen.has(option);
    seen.add(option);
    return repeated;
  });
}

export function describeMissing({ option, value, actual, file, line }: MissingOption): string {
  return `kernel option CONFIG_${option} did not become "${value}" (${file}:${line}): it is "${actual}" in the final configuration`;
}

function parseLine(content: string): "nothing" | "unreadable" | { option: string; value: string } {
  const set = assignment.exec(content);
  if (set?.[1] !== undefined && set[2] !== undefined) {
    return { option: set[1], value: unquote(set[2]) };
  }
  const off = unset.exec(content);
  if (off?.[1] !== undefined) return { option: off[1], value: "n" };
  return content === "" || content.startsWith("#") ? "nothing" : "unreadable";
}

function unquote(value: string): string {
  const quoted = /^"(.*)"$/.exec(value);
  return quoted?.[1] === undefined ? value : quoted[1].replaceAll(/\\(.)/g, "$1");
}

export function describeRepeated({ option, file, line }: RequestedOption): string {
  return `kernel option CONFIG_${option} is requested again (${file}:${line}): the last request would win without a word`;
}
