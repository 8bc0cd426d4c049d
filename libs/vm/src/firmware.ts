import { existsSync } from "node:fs";
import { VmError } from "./vm-error.ts";
import { runTool } from "./run-tool.ts";

export interface Firmware {
  readonly code: string;
  /** Template of the variable store; each machine gets a private copy. */
  readonly vars: string;
}

/** With "secure-boot" the firmware obeys the keys in its variable store, which only it can write to (SMM). */
export type FirmwareKind = "plain" | "secure-boot";

/** Where distributions put the 4 MiB builds of OVMF; the first is Debian 12 and 13. Both kinds begin with the same store. */
const [DEBIAN_VARS, ARCH_VARS] = [
  "/usr/share/OVMF/OVMF_VARS_4M.fd",
  "/usr/share/edk2/x64/OVMF_VARS.4m.fd",
];
const PLACES: Readonly<Record<FirmwareKind, readonly Firmware[]>> = {
  plain: [
    { code: "/usr/share/OVMF/OVMF_CODE_4M.fd", vars: DEBIAN_VARS },
    { code: "/usr/share/edk2/x64/OVMF_CODE.4m.fd", vars: ARCH_VARS },
  ],
  "secure-boot": [
    { code: "/usr/share/OVMF/OVMF_CODE_4M.secboot.fd", vars: DEBIAN_VARS },
    { code: "/usr/share/edk2/x64/OVMF_CODE.secboot.4m.fd", vars: ARCH_VARS },
  ],
};

export function findFirmware(
  kind: FirmwareKind = "plain",
  isPresent: (path: string) => boolean = existsSync,
): Firmware {
  const places = PLACES[kind];
  const found = places.find(({ code, vars }) => isPresent(code) && isPresent(vars));
  if (found !== undefined) return found;
  throw new VmError(
    "vm.firmware-missing",
    `Cannot find UEFI firmware for guests: "${places[0]?.code}" does not exist`,
    { hint: "Install it: apt install ovmf" },
  );
}

/** Makes a private variable store. As qcow2, because savevm wants every writable drive to hold snapshots. */
export async function makeVariableStore(
  { vars }: Pick<Firmware, "vars">,
  target: string,
): Promise<void> {
  await runTool("qemu-img", ["convert", "-q", "-f", "raw", "-O", "qcow2", vars, target]);
}
