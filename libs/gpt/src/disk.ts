/** What the codec needs to know of a disk or of an image of one. */
export interface Geometry {
  readonly sectorSizeBytes: SectorSizeBytes;
  readonly sectorCount: bigint;
}

export type SectorSizeBytes = 512 | 4096;

export interface DiskReader extends Geometry {
  /** Exactly these bytes; throws if they cannot be read. The caller never asks beyond the end of the disk. */
  read(offsetBytes: number, lengthBytes: number): Uint8Array;
}
