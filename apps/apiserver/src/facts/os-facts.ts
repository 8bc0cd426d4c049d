import type { Os, Slot } from "@ballast/model";
import { parseOsRelease, type Fs } from "@ballast/system";
import { PATHS } from "../paths.ts";

const ARCHITECTURES: Readonly<Record<string, string>> = { x64: "x86_64", arm64: "aarch64" };

/** What cannot change while the system runs; read once at the start. */
export async function readOsFacts(fs: Fs, nodeArch: string): Promise<Os> {
  const release = parseOsRelease((await fs.readText(PATHS.osRelease)) ?? "");
  return {
    pretty_name: release.get("PRETTY_NAME") ?? "Ballast",
    variant_id: release.get("VARIANT_ID") ?? "unknown",
    version_id: release.get("VERSION_ID") ?? "unknown",
    build_id: release.get("BUILD_ID") ?? "unknown",
    arch: ARCHITECTURES[nodeArch] ?? nodeArch,
    slot: await activeSlot(fs),
    root_hash: rootHash((await fs.readText(PATHS.commandLine)) ?? ""),
  };
}

/** The active slot is the one whose ROOT lies below the verity device; the kernel tells the partition's label. */
async function activeSlot(fs: Fs): Promise<Slot | null> {
  for (const name of await fs.list(PATHS.rootSlaves)) {
    const uevent = (await fs.readText(`${PATHS.rootSlaves}/${name}/uevent`)) ?? "";
    const label = /^PARTNAME=BALLAST-ROOT-(.*)$/m.exec(uevent)?.[1];
    if (label === "A" || label === "B") return label;
  }
  return null;
}

/** The kernel builds the device from the command line, so that is what holds. */
function rootHash(commandLine: string): string | null {
  return /dm-mod\.create=.*? sha256 ([0-9a-f]{64})\b/.exec(commandLine)?.[1] ?? null;
}
