/** What the build root holds; their dependencies are resolved into `images/packages.lock.json`. */
export const sdkPackages = [
  // Kernel and selector
  "bc",
  "binutils",
  "bison",
  "ccache",
  "cpio",
  "flex",
  "gcc",
  "gnu-efi",
  "libc6-dev",
  "libelf-dev",
  "libssl-dev",
  "make",
  "perl",
  "python3",
  "rsync",
  "xz-utils",
  "zstd",
  // Image
  "cryptsetup-bin",
  "dosfstools",
  "e2fsprogs",
  "erofs-utils",
  "faketime",
  "fdisk",
  "gdisk",
  "mtools",
  "python3-virt-firmware",
  "qemu-utils",
  "sbsigntool",
  "systemd-boot-efi",
  "systemd-repart",
  "systemd-ukify",
] as const;

/** The kernel's source is locked apart: a new one does not make a new build root. */
export const kernelPackages = ["linux-source-6.12"] as const;

/**
 * Where the interfaces of containerd and of the CRI are described. Locked apart too, and only read: containerd's own is of
 * the same source package as the containerd of the image.
 */
export const protocolPackages = [
  "golang-github-containerd-containerd-dev",
  "golang-github-gogo-protobuf-dev",
  "golang-github-kubernetes-cri-api-dev",
] as const;

/**
 * What tests take beside the product: a real registry, another maker of images, another client of update repositories (with
 * what it needs besides the sdk), and another C library for the images of containers.
 */
export const testPackages = [
  "docker-registry",
  "musl",
  "python3-securesystemslib",
  "python3-tuf",
  "umoci",
] as const;
