const ROOT_FIELD = 7;
const SYSTEMD_CGROUP_FIELD = 9;
const LENGTH_DELIMITED = 2;

/**
 * `containerd.runc.v1.Options` (oci.proto of containerd 1.7) with the two fields that are needed, in the encoding of
 * protocol buffers: its interface is not among those that code is made from.
 */
export function runcOptions({ root, systemdCgroup }: RuncOptions): {
  typeUrl: string;
  value: Uint8Array;
} {
  const path = Buffer.from(root);
  if (path.length > 127) throw new Error("The path is too long for a length of one byte");
  const value = Buffer.concat([
    Buffer.from([(ROOT_FIELD << 3) | LENGTH_DELIMITED, path.length]),
    path,
    Buffer.from(systemdCgroup ? [SYSTEMD_CGROUP_FIELD << 3, 1] : []),
  ]);
  return { typeUrl: "containerd.runc.v1.Options", value };
}

interface RuncOptions {
  /** Where runc keeps what runs. */
  readonly root: string;
  /** Whether systemd makes the control groups. */
  readonly systemdCgroup: boolean;
}
