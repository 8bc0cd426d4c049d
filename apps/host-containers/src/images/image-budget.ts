/** What images may take of the disk. */
export type ImageBudget =
  /** Of the whole disk, whatever fills it. */
  | { readonly kind: "share"; readonly percent: number }
  /** Of what images take themselves. */
  | { readonly kind: "size"; readonly bytes: number };

export const DEFAULT_BUDGET: ImageBudget = { kind: "share", percent: 80 };
/** How far below the budget a collection goes, so that not every image leads to the next one. */
const STEP_PERCENT = 10;

const UNITS: Readonly<Record<string, number>> = {
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  Ti: 2 ** 40,
};

/** As the settings have it: `80%` or `20Gi`; nothing if it is neither. */
export function parseBudget(text: string): ImageBudget | undefined {
  const [, digits, unit = ""] = /^(\d{1,6})(%|[MGT]i)$/.exec(text) ?? [];
  if (digits === undefined) return undefined;
  if (unit === "%") return { kind: "share", percent: Number(digits) };
  return { kind: "size", bytes: Number(digits) * (UNITS[unit] ?? Number.NaN) };
}

/** How full it is, in bytes. */
export interface DiskUse {
  readonly totalBytes: number;
  /** Of all that lies there. */
  readonly usedBytes: number;
  /** Of that, what belongs to images. */
  readonly imageBytes: number;
}

/** How much has to go; 0 while the budget is kept. Pure. */
export function excessBytes(budget: ImageBudget, use: DiskUse): number {
  const limit = budget.kind === "share" ? (use.totalBytes * budget.percent) / 100 : budget.bytes;
  const used = budget.kind === "share" ? use.usedBytes : use.imageBytes;
  if (used <= limit) return 0;
  const target =
    budget.kind === "share"
      ? (use.totalBytes * Math.max(0, budget.percent - STEP_PERCENT)) / 100
      : limit * (1 - STEP_PERCENT / 100);
  return used - target;
}
