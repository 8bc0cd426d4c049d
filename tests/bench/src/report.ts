import { summarize, type Summary } from "./statistics.ts";
import type { MachineFacts } from "./machine-facts.ts";

export type Unit = "s" | "ms" | "bytes" | "per second";

/** One thing measured, as often as it was. */
export interface Figure {
  readonly name: string;
  readonly unit: Unit;
  readonly values: readonly number[];
  /** Name of the figure of the same group that it is set against; a baseline itself has none. */
  readonly baseline?: string;
}

/** A figure that this run does not have, and why: an absent row would look like a forgotten one. */
export interface MissingFigure {
  readonly name: string;
  readonly notMeasured: string;
}

export interface GroupResult {
  readonly figures: readonly (Figure | MissingFigure)[];
  /** What a reader has to know to read the figures right. */
  readonly notes: readonly string[];
}

export interface SummarizedFigure extends Figure, Summary {
  /** Median of this figure by the median of its baseline. */
  readonly ratio?: number;
}

export interface GroupReport {
  readonly name: string;
  readonly does: string;
  /** Of the machine over the last minute when the group began: what else it was doing. */
  readonly loadBefore: number;
  readonly seconds: number;
  readonly figures: readonly (SummarizedFigure | MissingFigure)[];
  readonly notes: readonly string[];
  /** Why the group has no figures. */
  readonly failure?: string;
}

export interface Report {
  readonly startedAt: string;
  readonly machine: MachineFacts;
  readonly groups: readonly GroupReport[];
}

/** Adds median, spread and ratio. A baseline that was not measured gives no ratio. */
export function summarizeFigures(
  figures: GroupResult["figures"],
): (SummarizedFigure | MissingFigure)[] {
  const medians = new Map<string, number>();
  for (const figure of figures)
    if ("values" in figure) medians.set(figure.name, summarize(figure.values).median);
  return figures.map((figure) => {
    if (!("values" in figure)) return figure;
    const summary = summarize(figure.values);
    const base = figure.baseline === undefined ? undefined : medians.get(figure.baseline);
    const ratio = base === undefined || base === 0 ? {} : { ratio: summary.median / base };
    return { ...figure, ...summary, ...ratio };
  });
}
