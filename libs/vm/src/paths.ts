import { join } from "node:path";

/** The root of the repository. This package is never bundled, so its own place in the tree is known. */
export const REPOSITORY = join(import.meta.dirname, "../../..");

/** Where `turbo run image` leaves the image of the default variant. */
export const STANDALONE_DIST = join(REPOSITORY, "images/standalone/dist");

/** Where `turbo run welcome` leaves the image of the welcome container. */
export const WELCOME_ARCHIVE = join(REPOSITORY, "images/welcome/dist/welcome.oci.tar");
