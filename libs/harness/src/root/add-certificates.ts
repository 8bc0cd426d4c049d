import type { RootTree } from "./entry.ts";

const SOURCE = "usr/share/ca-certificates/mozilla/";

/**
 * Joins the certificate authorities into one file, as the package's own script would. It is what the image trusts; the
 * file that programs read is made of it and of the settings on the machine.
 */
export function addCertificates(tree: RootTree): void {
  const bundle = tree
    .sorted()
    .filter(({ path, data }) => path.startsWith(SOURCE) && data !== undefined)
    .map(({ data }) => `${Buffer.from(data!).toString().trim()}\n`);
  tree.addFile("usr/lib/ballast/ca-certificates.crt", bundle.join(""), "image");
}
