import type { Qmp } from "./qmp.ts";

/** A directory that a guest sees as a read-only FAT volume. */
export interface Volume {
  readonly directory: string;
  /** At most 11 characters. */
  readonly label: string;
}

const ID = "volume";
const PORT = "volume-port";
/** Usually half a second, but the guest must confirm and emulation can be slow. */
const UNPLUG_LIMIT_MS = 120_000;

/** The volume behind a port of its own, from which it can be pulled. Without partitions: the guest reads no MBR. */
export function volumeArguments(volume: Volume): string[] {
  return [
    "-device",
    `pcie-root-port,id=${PORT},chassis=1,slot=1`,
    "-blockdev",
    JSON.stringify(blockNode(volume)),
    "-device",
    `virtio-blk-pci,id=${ID},bus=${PORT},drive=${ID},serial=user-data`,
  ];
}

/** Pulls the volume, waits until the guest has let go of it, and plugs another one in. */
export async function replaceVolume(qmp: Qmp, volume: Volume): Promise<void> {
  const from = qmp.events.items.length;
  await qmp.execute("device_del", { id: ID });
  await qmp.events.waitFor(
    "the guest to let go of the volume",
    ({ event, data }) => event === "DEVICE_DELETED" && data["device"] === ID,
    { timeoutMs: UNPLUG_LIMIT_MS, from },
  );
  await qmp.execute("blockdev-del", { "node-name": ID });
  await qmp.execute("blockdev-add", blockNode(volume));
  await qmp.execute("device_add", {
    driver: "virtio-blk-pci",
    id: ID,
    bus: PORT,
    drive: ID,
    serial: "user-data",
  });
}

function blockNode({ directory, label }: Volume): Readonly<Record<string, unknown>> {
  return {
    "node-name": ID,
    driver: "vvfat",
    dir: directory,
    label,
    floppy: true,
    "read-only": true,
  };
}
