import { SignpostError } from "./errors.ts";
import { readLoaderVariable } from "./machine.ts";
import type { Places } from "./places.ts";

/** The first selector that tells the system it starts that a reset is due. */
const KNOWS_RESETS = 3;

/** The selector lies on the ESP, where no update of a slot replaces it: it may be older than this program. */
export function requireResettingSelector(places: Places): void {
  const info = readLoaderVariable(places, "LoaderInfo");
  const version = Number(/^ballast-selector (\d+)$/.exec(info ?? "")?.[1] ?? 0);
  if (version >= KNOWS_RESETS) return;
  throw new SignpostError(
    "signpost.selector-too-old",
    `Cannot request a reset: the machine was started by ${info === undefined ? "no selector" : `"${info}"`}, must be ballast-selector ${KNOWS_RESETS} or newer`,
    { hint: "Nothing was written. Put a newer EFI/BOOT/BOOTX64.EFI on the ESP." },
  );
}
