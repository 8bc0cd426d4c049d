import type { RootTree } from "./entry.ts";

const SOURCE = "usr/share/ca-certificates/mozilla/";

/** Joins the certificate authorities into the one file that programs read, as the package's own script would. */
export function addCertificates(tree: RootTree): void {
  const bundle = tree
    .sorted()
    .filter(({ path, data }) => path.startsWith(SOURCE) && data !== undefined)
    .map(({ data }) => `${Buffer.from(data!).toString().trim()}\n`);
  tree.addFile("etc/ssl/certs/ca-certificates.crt", bundle.join(""), "image");
}
