/** Options of `server` and `pool` in chrony.conf(5) that stand alone. */
const FLAGS: ReadonlySet<string> = new Set([
  "burst",
  "iburst",
  "noselect",
  "nts",
  "prefer",
  "require",
  "trust",
  "xleave",
]);

interface Range {
  readonly min: number;
  readonly max: number;
  readonly isWhole: boolean;
}

const whole = (min: number, max: number): Range => ({ min, max, isWhole: true });
const seconds = (min: number, max: number): Range => ({ min, max, isWhole: false });

/** Options that take one number. What is missing needs files or devices that a machine does not have. */
const NUMBERS: ReadonlyMap<string, Range> = new Map([
  ["filter", whole(1, 64)],
  ["maxdelay", seconds(0, 1000)],
  ["maxdelaydevratio", seconds(0, 1000)],
  ["maxdelayratio", seconds(0, 1000)],
  ["maxpoll", whole(-7, 24)],
  ["maxsamples", whole(0, 64)],
  ["maxsources", whole(1, 16)],
  ["mindelay", seconds(0, 1000)],
  ["minpoll", whole(-7, 24)],
  ["minsamples", whole(4, 64)],
  ["offset", seconds(-86_400, 86_400)],
  ["polltarget", whole(6, 60)],
  ["port", whole(1, 65_535)],
  ["presend", whole(-7, 24)],
  ["version", whole(1, 4)],
]);

/**
 * The words of options that chrony takes for a source, undefined if it would not take them all. An entry of the list can
 * be a whole option, `minpoll 4`, or a word of one.
 */
export function optionWords(options: readonly string[]): string[] | undefined {
  const words = options.flatMap((option) => option.split(" "));
  for (let at = 0; at < words.length; at += 1) {
    const name = words[at] ?? "";
    if (FLAGS.has(name)) continue;
    const range = NUMBERS.get(name);
    at += 1;
    if (range === undefined || !isWithin(words[at] ?? "", range)) return undefined;
  }
  return words;
}

function isWithin(text: string, { min, max, isWhole }: Range): boolean {
  const pattern = isWhole ? /^-?\d{1,9}$/ : /^-?\d{1,9}(?:\.\d{1,9})?$/;
  return pattern.test(text) && Number(text) >= min && Number(text) <= max;
}
