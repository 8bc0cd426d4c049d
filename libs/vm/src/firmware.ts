import { existsSync } from "node:fs";
import { VmError } from "./vm-error.ts";
import { runTool } from "./run-tool.ts";

export interface Firmware {
  readonly code: string;
  /** Template of the variable store; each machine gets a private copy. */
  readonly vars: string;
}

/** Where distributions put the 4 MiB build of OVMF without Secure Boot; the first is Debian 12 and 13. */
const PLACES: readonly Firmware[] = [
  { code: "/usr/share/OVMF/OVMF_CODE_4M.fd", vars: "/usr/share/OVMF/OVMF_VARS_4M.fd" },
  { code: "/usr/share/edk2/x64/OVMF_CODE.4m.fd", vars: "/usr/share/edk2/x64/OVMF_VARS.4m.fd" },
];

export function findFirmware(isPresent: (path: string) => boolean = existsSync): Firmware {
  const found = PLACES.find(({ code, vars }) => isPresent(code) && isPresent(vars));
  if (found !== undefined) return found;
  throw new VmError(
    "vm.firmware-missing",
    `Cannot find UEFI firmware for guests: "${PLACES[0]?.code}" does not exist`,
    { hint: "Install it: apt install ovmf" },
  );
}

/** Makes a private variable store. As qcow2, because savevm wants every writable drive to hold snapshots. */
export async function makeVariableStore(firmware: Firmware, target: string): Promise<void> {
  await runTool("qemu-img", ["convert", "-q", "-f", "raw", "-O", "qcow2", firmware.vars, target]);
}
