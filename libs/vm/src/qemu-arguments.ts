import { acceleratorArguments, type Accelerator } from "./accelerator.ts";
import type { DiskFormat } from "./disk-image.ts";
import { volumeArguments, type Volume } from "./volume.ts";

/** The port of the remote API inside the guest. */
export const GUEST_API_PORT = 8443;
const USER_DATA_KEY = "opt/ballast/user-data";

/** A network card besides that of the API. */
export interface NetworkCard {
  readonly id: string;
  readonly mac: string;
  /** What it is plugged into: a network backend of QEMU with its options but without its id. */
  readonly plug: string;
}

export interface PublishedPort {
  readonly hostPort: number;
  readonly guestPort: number;
}

export interface MachineOptions {
  /** Shown in the process list. */
  readonly name: string;
  /** The guest writes to it. */
  readonly disk: string;
  readonly diskFormat: DiskFormat;
  /** Another disk, which the firmware does not boot from. */
  readonly secondDisk?: { readonly path: string; readonly format: DiskFormat };
  /** Private variable store of the firmware, qcow2. */
  readonly variableStore: string;
  /** The firmware obeys the keys in the variable store, which the guest cannot write to behind its back. */
  readonly isSecureBoot?: boolean;
  readonly accelerator: Accelerator;
  readonly memoryMiB: number;
  readonly cpus: number;
  /** Gives the guest its machine id: keep it with the disk. */
  readonly uuid: string;
  /** Host port on 127.0.0.1 that leads to the guest's remote API; 0 lets QEMU choose. */
  readonly apiPort: number;
  /** Ports on 127.0.0.1 that lead to other ports of the guest. */
  readonly published?: readonly PublishedPort[];
  /** File with user data, offered as fw_cfg item. Read when the machine is switched on. */
  readonly userDataFile?: string;
  readonly volume?: Volume;
  /** Cuts the guest off from every network; the API port stays. */
  readonly isIsolated?: boolean;
  /** In the order in which the guest finds them, after the first one. */
  readonly cards?: readonly NetworkCard[];
  /** SMBIOS type 11 (OEM) strings. */
  readonly oemStrings?: readonly string[];
  /** Overrides the maker in SMBIOS type 1, by which a guest knows its platform. */
  readonly manufacturer?: string;
  /** What the battery-backed clock says at power-on, UTC, without a zone; the right time unless told. */
  readonly clock?: string;
  /** Existing empty file that receives a log of all writes and flushes of the disk; excludes snapshots. */
  readonly writeLog?: string;
  /** Name of a snapshot in disk and variable store: the machine continues there instead of booting. */
  readonly snapshot?: string;
}

export interface Wiring {
  readonly firmwareCode: string;
  /** Unix sockets on which we listen; QEMU connects, so nothing has to be polled. */
  readonly qmpSocket: string;
  readonly consoleSocket: string;
}

/** The whole command line of one machine, without the program. */
export function qemuArguments(options: MachineOptions, wiring: Wiring): string[] {
  return [
    "-name",
    options.name,
    "-nodefaults",
    "-no-user-config",
    "-display",
    "none",
    "-machine",
    `q35,pflash0=firmware-code,pflash1=firmware-vars${options.isSecureBoot === true ? ",smm=on" : ""}`,
    ...acceleratorArguments(options.accelerator),
    "-m",
    String(options.memoryMiB),
    "-smp",
    String(options.cpus),
    "-uuid",
    options.uuid,
    "-chardev",
    `socket,id=qmp,path=${escapeComma(wiring.qmpSocket)}`,
    "-mon",
    "chardev=qmp,mode=control",
    "-chardev",
    `socket,id=console,path=${escapeComma(wiring.consoleSocket)}`,
    "-serial",
    "chardev:console",
    ...firmware(options, wiring),
    ...disk(options),
    ...network(options),
    // A guest that hangs is reset, as a hardware watchdog would do.
    "-device",
    "i6300esb",
    "-action",
    "watchdog=reset",
    ...smbios(options),
    ...(options.clock === undefined ? [] : ["-rtc", `base=${options.clock}`]),
    ...userData(options),
    ...(options.snapshot === undefined ? [] : ["-loadvm", options.snapshot]),
  ];
}

function firmware(options: MachineOptions, wiring: Wiring): string[] {
  return [
    // Only code in system management mode, which is the firmware's, reaches the flash.
    ...(options.isSecureBoot === true
      ? ["-global", "driver=cfi.pflash01,property=secure,value=on"]
      : []),
    ...blockdev({
      "node-name": "firmware-code",
      driver: "raw",
      "read-only": true,
      file: { driver: "file", filename: wiring.firmwareCode },
    }),
    ...blockdev({
      "node-name": "firmware-vars",
      driver: "qcow2",
      file: { driver: "file", filename: options.variableStore },
    }),
  ];
}

function disk(options: MachineOptions): string[] {
  // `discard` keeps the image file small when the guest trims.
  const format = {
    driver: options.diskFormat,
    discard: "unmap",
    file: { driver: "file", filename: options.disk, discard: "unmap" },
  };
  const node =
    options.writeLog === undefined
      ? format
      : {
          driver: "blklogwrites",
          file: format,
          log: { driver: "file", filename: options.writeLog },
        };
  return [
    ...blockdev({ "node-name": "disk", ...node }),
    "-device",
    "virtio-blk-pci,drive=disk,serial=ballast,bootindex=0",
    ...secondDisk(options),
  ];
}

function secondDisk({ secondDisk: second }: MachineOptions): string[] {
  if (second === undefined) return [];
  const file = { driver: "file", filename: second.path };
  return [
    ...blockdev({ "node-name": "second-disk", driver: second.format, file }),
    "-device",
    "virtio-blk-pci,drive=second-disk,serial=second",
  ];
}

function network(options: MachineOptions): string[] {
  const forward = `hostfwd=tcp:127.0.0.1:${options.apiPort}-:${GUEST_API_PORT}`;
  const published = (options.published ?? [])
    .map(({ hostPort, guestPort }) => `,hostfwd=tcp:127.0.0.1:${hostPort}-:${guestPort}`)
    .join("");
  const restrict = options.isIsolated === true ? ",restrict=on" : "";
  return [
    "-netdev",
    `user,id=net0,${forward}${published}${restrict}`,
    // No option ROM: network boot would only delay the firmware.
    "-device",
    "virtio-net-pci,netdev=net0,romfile=",
    ...(options.cards ?? []).flatMap(({ id, mac, plug }) => [
      "-netdev",
      `${plug},id=${id}`,
      "-device",
      `virtio-net-pci,netdev=${id},mac=${mac},romfile=`,
    ]),
  ];
}

function smbios(options: MachineOptions): string[] {
  const oem = (options.oemStrings ?? []).map((text) => `type=11,value=${escapeComma(text)}`);
  const system =
    options.manufacturer === undefined
      ? []
      : [`type=1,manufacturer=${escapeComma(options.manufacturer)}`];
  return [...system, ...oem].flatMap((value) => ["-smbios", value]);
}

function userData(options: MachineOptions): string[] {
  const item =
    options.userDataFile === undefined
      ? []
      : ["-fw_cfg", `name=${USER_DATA_KEY},file=${escapeComma(options.userDataFile)}`];
  return [...item, ...(options.volume === undefined ? [] : volumeArguments(options.volume))];
}

function blockdev(node: Readonly<Record<string, unknown>>): string[] {
  return ["-blockdev", JSON.stringify(node)];
}

/** QEMU's option lists separate by commas; a doubled comma is a comma. */
function escapeComma(text: string): string {
  return text.replaceAll(",", ",,");
}
