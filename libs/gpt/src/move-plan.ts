import { viewOf, copyOf } from "./bytes.ts";
import { offsetOf, PRIMARY_LBA, tableSectors } from "./copy.ts";
import { GptError } from "./errors.ts";
import type { Gpt } from "./gpt.ts";
import { decodeHeader, encodeHeader, type GptHeader } from "./header.ts";
import { planWrites, type CopyWrite } from "./write-plan.ts";

/** Of the first record of the MBR: type, first LBA, number of sectors (UEFI 2.10, 5.2.3). */
const MBR = { type: 450, firstLba: 454, sectors: 458 } as const;
const PROTECTIVE = 0xee;
const MAX_SECTORS = 0xffff_ffff;

/**
 * What to write so that the table fits a disk whose size has changed: the backup at the last LBA (UEFI 2.10, 5.3.1), the
 * usable LBAs up to it, and the protective MBR over all of it. Repairs on the way; empty if there is nothing to do. The
 * primary, which names the old place until the new backup is written, is valid at every moment.
 */
export function planMove(gpt: Gpt): CopyWrite[] {
  const lastLba = gpt.geometry.sectorCount - 1n;
  const place = gpt.trusted === "primary" ? gpt.header.alternateLba : gpt.header.ownLba;
  return [
    ...(place === lastLba ? planWrites(gpt, gpt.table) : moveBackup(gpt, lastLba)),
    ...fitMbr(gpt),
  ];
}

function moveBackup(gpt: Gpt, lastLba: bigint): CopyWrite[] {
  const repair = gpt.trusted === "backup" ? planWrites(gpt, gpt.table) : [];
  const primary = primaryHeader(gpt, repair);
  const tableLba = lastLba - tableSectors(gpt.geometry, primary);
  const lastUsableLba = tableLba - 1n;
  const blocking = gpt.entries.find((entry) => entry.lastLba > lastUsableLba);
  if (blocking !== undefined || lastUsableLba < primary.firstUsableLba)
    throw new GptError(
      "gpt.cannot-repair",
      `Cannot move backup copy of GPT to LBA ${lastLba}: ${
        blocking === undefined
          ? "the disk is too small"
          : `partition ${blocking.number} ends at LBA ${blocking.lastLba}, must end before ${tableLba}`
      }`,
      { hint: "Nothing was written." },
    );
  const backup = encodeHeader(primary, {
    ownLba: lastLba,
    alternateLba: PRIMARY_LBA,
    tableLba,
    lastUsableLba,
  });
  const header = encodeHeader(primary, { alternateLba: lastLba, lastUsableLba });
  return [
    ...repair,
    {
      copy: "backup",
      writes: [
        { offsetBytes: offsetOf(gpt.geometry, tableLba), bytes: gpt.table },
        { offsetBytes: offsetOf(gpt.geometry, lastLba), bytes: backup },
      ],
    },
    {
      copy: "primary",
      writes: [{ offsetBytes: offsetOf(gpt.geometry, PRIMARY_LBA), bytes: header }],
    },
  ];
}

/** As it will be after the repair. */
function primaryHeader(gpt: Gpt, repair: readonly CopyWrite[]): GptHeader {
  const repaired = repair.at(-1)?.writes.at(-1);
  if (repaired === undefined) return gpt.header;
  const header = decodeHeader(repaired.bytes);
  if (typeof header === "string") throw new Error(`The repaired header is not valid: ${header}`);
  return header;
}

/** Only a record that protects the whole disk is touched; one of the largest size there is covers any disk. */
function fitMbr({ geometry, protectiveMbr }: Gpt): CopyWrite[] {
  const view = viewOf(protectiveMbr.bytes);
  const sectors = Math.min(Number(geometry.sectorCount - 1n), MAX_SECTORS);
  const found = view.getUint32(MBR.sectors, true);
  if (
    !protectiveMbr.isProtective ||
    view.getUint8(MBR.type) !== PROTECTIVE ||
    view.getUint32(MBR.firstLba, true) !== 1 ||
    found === sectors ||
    found === MAX_SECTORS
  )
    return [];
  const bytes = copyOf(protectiveMbr.bytes);
  viewOf(bytes).setUint32(MBR.sectors, sectors, true);
  return [{ copy: "protective MBR", writes: [{ offsetBytes: 0, bytes }] }];
}
