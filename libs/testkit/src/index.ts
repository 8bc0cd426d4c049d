export { runApiclient } from "./apiclient.ts";
export { CORRUPT_ROOT, GROWN_DISK, PANIC_REPORT, type AllowedLine } from "./allowed-lines.ts";
export {
  mustBeSoundTable,
  PARTITION,
  readPartition,
  writeBootFlags,
  type BootFlags,
} from "./boot-flags.ts";
export { cutStates, splitWrites, type CutState } from "./cut-states.ts";
export { findBytes, flipBit, writeNoise } from "./damage.ts";
export { fill, FILL_PORT, makeFill } from "./fill.ts";
export { addSlots, type ExtraSlot } from "./extra-slots.ts";
export { Guest, type GuestOptions } from "./guest.ts";
export { parseDatagram } from "./frames.ts";
export { pullImage } from "./cri.ts";
export { bootsLimitMs, inLab } from "./in-lab.ts";
export { issueServer, type ServerIdentity } from "./issue-server.ts";
export { fetchJournal, fetchJournalText, type JournalRecord } from "./journal.ts";
export { Lab } from "./lab.ts";
export { findProductImage, type ProductImage } from "./product-image.ts";
export { makeRelay, RELAY_PORT } from "./relay.ts";
export { SecureBoot } from "./secure-boot.ts";
export { runSignpost } from "./signpost.ts";
export { UNREAD, type SlotB } from "./slot-b.ts";
export { fetchSlots, waitMarked, type Slots } from "./slots.ts";
export { playProxy, playRegistry, type PlayedServer } from "./tls-servers.ts";
export { nameService, timeService } from "./udp-services.ts";
export { UpdateRepository } from "./update-repository.ts";
export {
  changeSettings,
  fetchUpdates,
  installUpdate,
  UPDATES_CARD,
  updateSettings,
  waitUpdates,
} from "./updates.ts";
export { Wire } from "./wire.ts";
export { WireHost } from "./wire-host.ts";
export { recoverEach } from "./recover-state.ts";
export { replayWrites, survivors } from "./replay-writes.ts";
export { readWriteLog, type LoggedRequest, type WriteLog } from "./write-log.ts";
export { selectorOrders } from "./selector-order.ts";
export { tableStates, writeTableState, type TableState } from "./table-states.ts";
