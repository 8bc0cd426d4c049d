export { GROWN_DISK, type AllowedLine } from "./allowed-lines.ts";
export { PARTITION, readPartition, writeBootFlags, type BootFlags } from "./boot-flags.ts";
export { Guest, type GuestOptions } from "./guest.ts";
export { bootsLimitMs, inLab } from "./in-lab.ts";
export { fetchJournal, fetchJournalText, type JournalRecord } from "./journal.ts";
export { Lab } from "./lab.ts";
export { findProductImage, type ProductImage } from "./product-image.ts";
export { replayWrites, survivors } from "./replay-writes.ts";
export { readWriteLog, type LoggedRequest, type WriteLog } from "./write-log.ts";
