import type { Sample } from "./prometheus-text.ts";

/** Counts answers. What clients make up is counted as `other`, so that they cannot make the table grow. */
export interface RequestCounter {
  count(method: string, path: string, status: number): void;
  samples(): Sample[];
}

const METHODS: ReadonlySet<string> = new Set(["GET", "HEAD", "PATCH", "POST", "PUT", "DELETE"]);

export function createRequestCounter(knownPaths: ReadonlySet<string>): RequestCounter {
  const counts = new Map<string, { labels: Record<string, string>; value: number }>();
  return {
    count: (method, path, status) => {
      const labels = {
        method: METHODS.has(method) ? method : "other",
        route: knownPaths.has(path) ? path : "other",
        status: String(status),
      };
      const key = Object.values(labels).join(" ");
      const entry = counts.get(key) ?? { labels, value: 0 };
      entry.value += 1;
      counts.set(key, entry);
    },
    samples: () => [...counts.values()].map(({ labels, value }) => ({ labels, value })),
  };
}
