import * as z from "zod";

const MIN_PERCENT = 20;
const MAX_PERCENT = 95;
const MIN_BYTES = 100 * 2 ** 20;
const MAX_BYTES = 2 ** 46;
const UNITS: Readonly<Record<string, number>> = { Mi: 2 ** 20, Gi: 2 ** 30, Ti: 2 ** 40 };

/** A share of DATA, `80%`, or a size, `20Gi`. */
export const ImageBudget = z.string().refine((text) => isBudget(text), {
  error: `must be from ${MIN_PERCENT}% to ${MAX_PERCENT}%, or a size from 100Mi to 64Ti, for example 20Gi`,
});

function isBudget(text: string): boolean {
  const [, digits, unit = ""] = /^([1-9]\d{0,5})(%|[MGT]i)$/.exec(text) ?? [];
  const count = Number(digits);
  if (unit === "%") return count >= MIN_PERCENT && count <= MAX_PERCENT;
  const bytes = count * (UNITS[unit] ?? Number.NaN);
  return bytes >= MIN_BYTES && bytes <= MAX_BYTES;
}
