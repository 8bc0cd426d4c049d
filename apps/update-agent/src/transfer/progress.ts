/** What the bytes of a phase are: of images that are compared or read back, of files that are fetched. */
export type Phase = "compare" | "write" | "read-back";

/** Bytes are those of the phase, but `fetchedBytes`, which are those over the network so far. */
export interface Progress {
  readonly phase: Phase;
  readonly doneBytes: number;
  readonly totalBytes: number;
  readonly fetchedBytes: number;
  readonly bytesPerSecond: number;
  /** Null as long as nothing moves. */
  readonly remainingSeconds: number | null;
}

const EVERY_MS = 500;
/** The rate is that of the last so many reports. */
const SAMPLES = 20;

/** Counts bytes and tells about them at most twice a second. */
export class ProgressMeter {
  readonly #report: (progress: Progress) => void;
  readonly #monotonicMs: () => number;
  #phase: Phase = "compare";
  #doneBytes = 0;
  #totalBytes = 0;
  #fetchedBytes = 0;
  #toldAtMs = -Infinity;
  #samples: { readonly atMs: number; readonly doneBytes: number }[] = [];

  constructor(report: (progress: Progress) => void, monotonicMs: () => number) {
    this.#report = report;
    this.#monotonicMs = monotonicMs;
  }

  get fetchedBytes(): number {
    return this.#fetchedBytes;
  }

  /** What is told at the beginning of a phase waits for its turn too, so that the bound holds. */
  begin(phase: Phase, totalBytes: number): void {
    this.#phase = phase;
    this.#doneBytes = 0;
    this.#totalBytes = totalBytes;
    this.#samples = [{ atMs: this.#monotonicMs(), doneBytes: 0 }];
    this.#tell();
  }

  /** There is more to do in this phase than was thought. */
  grow(sizeBytes: number): void {
    this.#totalBytes += sizeBytes;
  }

  /** In `write` all that is done was fetched. */
  add(sizeBytes: number): void {
    this.#doneBytes += sizeBytes;
    if (this.#phase === "write") this.#fetchedBytes += sizeBytes;
    this.#tell();
  }

  #tell(): void {
    const nowMs = this.#monotonicMs();
    if (nowMs - this.#toldAtMs < EVERY_MS) return;
    this.#toldAtMs = nowMs;
    const [first] = this.#samples;
    const passedMs = first === undefined ? 0 : nowMs - first.atMs;
    const moved = this.#doneBytes - (first?.doneBytes ?? 0);
    const bytesPerSecond = passedMs <= 0 ? 0 : Math.round((moved * 1000) / passedMs);
    this.#samples = [...this.#samples, { atMs: nowMs, doneBytes: this.#doneBytes }].slice(-SAMPLES);
    const leftBytes = Math.max(0, this.#totalBytes - this.#doneBytes);
    this.#report({
      phase: this.#phase,
      doneBytes: this.#doneBytes,
      totalBytes: this.#totalBytes,
      fetchedBytes: this.#fetchedBytes,
      bytesPerSecond,
      remainingSeconds: bytesPerSecond === 0 ? null : Math.ceil(leftBytes / bytesPerSecond),
    });
  }
}
