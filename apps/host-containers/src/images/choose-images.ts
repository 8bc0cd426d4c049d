/** An image that containerd has. */
export interface StoredImage {
  readonly id: string;
  /** For the log. */
  readonly name: string;
  /** Packed, as the registry counts. */
  readonly sizeBytes: number;
  /** Never to be removed. */
  readonly isPinned: boolean;
}

/** What is known of an image from one look to the next, by a clock that only goes forward. */
export interface ImageMemory {
  readonly firstSeenMs: number;
  readonly lastUsedMs: number;
}

/** An image that was just brought here is not yet used by what it was brought for. */
export const SPARED_MS = 2 * 60_000;

/** The memories after a look: new for what is new, none for what has gone. Pure. */
export function rememberImages(
  before: ReadonlyMap<string, ImageMemory>,
  images: readonly StoredImage[],
  used: ReadonlySet<string>,
  nowMs: number,
): Map<string, ImageMemory> {
  return new Map(
    images.map(({ id }) => {
      const { firstSeenMs, lastUsedMs } = before.get(id) ?? { firstSeenMs: nowMs, lastUsedMs: -1 };
      return [id, { firstSeenMs, lastUsedMs: used.has(id) ? nowMs : lastUsedMs }];
    }),
  );
}

export interface Choice {
  readonly images: readonly StoredImage[];
  readonly used: ReadonlySet<string>;
  readonly memories: ReadonlyMap<string, ImageMemory>;
  /** What all images take, packed and unpacked. */
  readonly imageBytes: number;
  readonly excessBytes: number;
  readonly nowMs: number;
  /** In an emergency nothing that is not used is spared. */
  readonly sparedMs: number;
}

/**
 * The images to remove, the least recently used first, until what they take is the excess. What one takes is its share by its
 * packed size: layers that it has together with others stay, so the next look may find more to do. Pure.
 */
export function chooseImages(choice: Choice): StoredImage[] {
  const { images, used, memories, imageBytes, excessBytes, nowMs, sparedMs } = choice;
  const memory = ({ id }: StoredImage): ImageMemory =>
    memories.get(id) ?? { firstSeenMs: nowMs, lastUsedMs: -1 };
  const packedBytes = images.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  const candidates = images
    .filter((image) => !image.isPinned && !used.has(image.id))
    .filter((image) => nowMs - memory(image).firstSeenMs >= sparedMs)
    .toSorted(
      (a, b) =>
        memory(a).lastUsedMs - memory(b).lastUsedMs ||
        memory(a).firstSeenMs - memory(b).firstSeenMs ||
        (a.id < b.id ? -1 : 1),
    );
  const chosen: StoredImage[] = [];
  let freedBytes = 0;
  for (const image of candidates) {
    if (freedBytes >= excessBytes) break;
    chosen.push(image);
    freedBytes += (imageBytes * image.sizeBytes) / Math.max(1, packedBytes);
  }
  return chosen;
}
