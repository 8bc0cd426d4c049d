import type { Fs } from "@ballast/system";
import { PATHS } from "../paths.ts";

/** Who made the machine, if it is somebody who hands over user data. */
export type Platform = "ec2" | "qemu";

/**
 * As DMI tells. "Amazon EC2" is the vendor of every instance that can start by UEFI, virtual or bare metal. The UUID that
 * begins with "ec2" is not asked: on other machines it does so by chance, and some instances store it in another byte order.
 */
export async function readPlatform(fs: Fs): Promise<Platform | undefined> {
  const vendor = (await fs.readText(PATHS.vendor))?.trim();
  if (vendor === "Amazon EC2") return "ec2";
  return vendor === "QEMU" ? "qemu" : undefined;
}
