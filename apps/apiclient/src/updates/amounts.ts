const UNITS = ["KiB", "MiB", "GiB"] as const;

/** Bytes for people: `12.3 MiB`. */
export function amountOf(bytes: number): string {
  let amount = bytes / 1024;
  let unit = 0;
  while (amount >= 1024 && unit < UNITS.length - 1) {
    amount /= 1024;
    unit += 1;
  }
  return `${unit === 0 ? Math.ceil(amount) : amount.toFixed(1)} ${UNITS[unit]}`;
}

/** Seconds for people: `45 s`, `2 min`, `1 h 5 min`. */
export function spanOf(seconds: number): string {
  if (seconds < 90) return `${seconds} s`;
  const minutes = Math.round(seconds / 60);
  return minutes < 60 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}
