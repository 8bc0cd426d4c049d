import type { SeccompProfile } from "./seccomp.ts";

/** A mount as runc takes it: `{destination: "/data", type: "bind", source: "/var/data", options: ["rbind", "ro"]}`. */
export interface SpecMount {
  readonly destination: string;
  readonly type: string;
  readonly source: string;
  readonly options: readonly string[];
}

export interface DeviceRule {
  readonly allow: boolean;
  readonly type?: "c" | "b";
  readonly major?: number;
  readonly minor?: number;
  readonly access: string;
}

export interface ProcessUser {
  readonly uid: number;
  readonly gid: number;
  readonly additionalGids: readonly number[];
}

/** The part of an OCI runtime spec (1.2, config.md and config-linux.md) that is used here. */
export interface RuntimeSpec {
  readonly ociVersion: string;
  readonly process: {
    readonly user: ProcessUser;
    readonly args: readonly string[];
    readonly env: readonly string[];
    readonly cwd: string;
    readonly capabilities: Readonly<
      Record<"bounding" | "effective" | "permitted", readonly string[]>
    >;
    readonly rlimits: readonly {
      readonly type: string;
      readonly hard: number;
      readonly soft: number;
    }[];
    readonly noNewPrivileges: boolean;
  };
  readonly root: { readonly path: string };
  readonly mounts: readonly SpecMount[];
  readonly linux: {
    readonly resources: { readonly devices: readonly DeviceRule[] };
    readonly cgroupsPath: string;
    readonly namespaces: readonly { readonly type: string }[];
    readonly rootfsPropagation?: "rshared";
    readonly seccomp?: SeccompProfile;
    readonly maskedPaths?: readonly string[];
    readonly readonlyPaths?: readonly string[];
  };
}

/** The spec as `containers.create` takes it, and `tasks.exec` its process. */
export function encodeSpec(spec: RuntimeSpec): { typeUrl: string; value: Uint8Array } {
  const typeUrl = "types.containerd.io/opencontainers/runtime-spec/1/Spec";
  return { typeUrl, value: Buffer.from(JSON.stringify(spec)) };
}
