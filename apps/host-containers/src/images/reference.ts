/** A reference as containerd keeps it: images of Docker's registry that stand in no folder there are in `library`. */
export function normalReference(reference: string): string {
  return reference.replace(/^docker\.io\/([^/]+)$/, "docker.io/library/$1");
}
