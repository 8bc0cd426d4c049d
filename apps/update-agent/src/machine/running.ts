import type { UpdateImage } from "@ballast/model";
import { parseOsRelease, type Fs } from "@ballast/system";
import { isVersion } from "@ballast/updates";
import { UpdateAgentError } from "../errors.ts";
import { PATHS } from "../paths.ts";

const ARCHITECTURES: Readonly<Record<string, string>> = { x64: "x86_64", arm64: "aarch64" };

/** The release that runs, and the boot that it runs in. */
export interface Running {
  readonly image: UpdateImage;
  /** No right clock is before it. */
  readonly builtAfter: Temporal.Instant;
  readonly bootId: string;
}

/** Throws `update-agent.no-release` if the image does not say what it is. */
export async function readRunning(fs: Fs, nodeArch: string): Promise<Running> {
  const release = parseOsRelease((await fs.readText(PATHS.osRelease)) ?? "");
  const version = release.get("VERSION_ID") ?? "";
  const variant = release.get("VARIANT_ID") ?? "";
  if (!isVersion(version) || variant === "")
    throw new UpdateAgentError(
      "update-agent.no-release",
      `Cannot tell which release runs: "${PATHS.osRelease}" has version ${JSON.stringify(version)} and variant ${JSON.stringify(variant)}`,
    );
  const builtAfter = release.get("BALLAST_BUILT_AFTER") ?? "1970-01-01T00:00:00Z";
  const bootId = (await fs.readText(PATHS.bootId))?.trim() ?? "";
  return {
    image: { variant, version, arch: ARCHITECTURES[nodeArch] ?? nodeArch },
    builtAfter: Temporal.Instant.from(builtAfter),
    bootId,
  };
}
