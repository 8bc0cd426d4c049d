const SOURCE = "/usr/lib/ballast/client";
const FOLDER = "/.ballast/client";
const OPTIONS = ["bind", "ro", "nosuid", "nodev", "rprivate"] as const;

/**
 * What brings `apiclient` into a container, whatever its image has: the folder with our executable, its loader and its
 * libraries, in the place that the launcher knows (images/standalone/launcher), and the launcher itself where every PATH
 * leads. Where the image has a link on the way to it, runc follows it within the image.
 */
export const APICLIENT_MOUNTS = [
  { destination: FOLDER, type: "bind", source: SOURCE, options: OPTIONS },
  {
    destination: "/usr/local/bin/apiclient",
    type: "bind",
    source: `${SOURCE}/apiclient`,
    options: OPTIONS,
  },
] as const;
