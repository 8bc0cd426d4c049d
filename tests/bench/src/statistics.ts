/** What is told of a list of measurements; the unit is that of the values. */
export interface Summary {
  readonly count: number;
  readonly median: number;
  readonly min: number;
  readonly max: number;
  /** Third minus first quartile: the spread without the outliers. */
  readonly quartileRange: number;
}

/** The value below which this share (0 to 1) of the values lies, interpolated between neighbours (Hyndman & Fan, 7). */
export function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  const position = (sorted.length - 1) * share;
  const low = sorted[Math.floor(position)];
  const high = sorted[Math.ceil(position)];
  if (low === undefined || high === undefined || !(share >= 0 && share <= 1))
    throw new RangeError(`No quantile ${share} of ${values.length} values`);
  return low + (high - low) * (position - Math.floor(position));
}

export function median(values: readonly number[]): number {
  return quantile(values, 0.5);
}

export function summarize(values: readonly number[]): Summary {
  return {
    count: values.length,
    median: median(values),
    min: quantile(values, 0),
    max: quantile(values, 1),
    quartileRange: quantile(values, 0.75) - quantile(values, 0.25),
  };
}
