import {
  faultOfValue,
  INIT_PARAMETERS,
  KERNEL_PARAMETERS,
  standsAlone,
} from "./parameter-rules.ts";

/** What the selector accepts at most, in bytes; the build leaves more room than that on the command line. */
export const PARAMETERS_MAX_BYTES = 1000;

/** Values by name; a name without values stands alone on the command line. */
export type Parameters = Readonly<Record<string, readonly string[]>>;

const RULES = { ...KERNEL_PARAMETERS, ...INIT_PARAMETERS };

/** Their values come in pairs: so many pages of that size. */
const [SIZES, COUNTS] = ["hugepagesz", "hugepages"];

/**
 * The parameters as they stand on the command line, names in a fixed order, so that the same settings are the same text.
 * Several values of `hugepagesz` and `hugepages` are paired, as the kernel wants them: each size before its number.
 */
export function parametersText(kernel: Parameters, init: Parameters): string {
  const words: string[] = [];
  for (const [name, values] of Object.entries({ ...kernel, ...init }).toSorted(byName)) {
    if (name === SIZES) continue;
    if (name === COUNTS && kernel[SIZES] !== undefined)
      for (const [index, size] of kernel[SIZES].entries())
        words.push(`${SIZES}=${size}`, `${COUNTS}=${values[index] ?? "0"}`);
    else words.push(...wordsOf(name, values));
  }
  return words.join(" ");
}

function byName([left]: [string, unknown], [right]: [string, unknown]): number {
  return left < right ? -1 : 1;
}

function wordsOf(name: string, values: readonly string[]): string[] {
  return values.length === 0 ? [name] : values.map((value) => `${name}=${value}`);
}

/** Whether the selector would take this text. It decides itself; this is its rule once more. */
export function isAllowedText(text: string): boolean {
  if (text === "" || text.length > PARAMETERS_MAX_BYTES) return false;
  return text.split(" ").every((word) => {
    const [name = "", ...rest] = word.split("=");
    const rule = Object.hasOwn(RULES, name) ? RULES[name] : undefined;
    if (rule === undefined) return false;
    if (rest.length === 0) return standsAlone(rule);
    return rest.join("=") !== "" && faultOfValue(rule, rest.join("=")) === undefined;
  });
}

/** Why these values may not be set for this name, if so; names are known. */
export function faultOfValues(name: string, values: readonly string[]): string | undefined {
  const rule = RULES[name];
  if (rule === undefined) return "must be a parameter that may be set";
  if (values.length === 0)
    return standsAlone(rule) ? undefined : (faultOfValue(rule, "") ?? "must have a value");
  if (values.length > 1 && name !== SIZES && name !== COUNTS) return "must have one value";
  for (const value of values) {
    const fault = value === "" ? "must have no empty value" : faultOfValue(rule, value);
    if (fault !== undefined) return fault;
  }
  return undefined;
}

/** Why the sizes and numbers of huge pages do not go together, if so. */
export function faultOfPages(kernel: Parameters): string | undefined {
  const sizes = kernel[SIZES];
  const counts = kernel[COUNTS];
  if (sizes === undefined)
    return (counts?.length ?? 0) > 1 ? `must have one value without ${SIZES}` : undefined;
  if (counts?.length === sizes.length) return undefined;
  return `must have as many values as ${SIZES}`;
}
