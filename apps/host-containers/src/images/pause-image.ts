import type { ImportRequest } from "./image-importer.ts";

/**
 * What holds the namespaces of a workload, as containerd's configuration names it (`sandbox_image`), in an archive of the image of
 * this machine, which is verified as a whole. Another content gets another number.
 */
export const PAUSE_IMAGE: ImportRequest = {
  archive: "/usr/lib/ballast/pause.oci.tar",
  reference: "ballast.local/pause:1",
  isPinned: true,
};
