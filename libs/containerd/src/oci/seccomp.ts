import { CALLS_OF_CAPABILITY, COMMON_CALLS } from "./system-calls.ts";

/** OCI runtime spec 1.2, config-linux.md, "Seccomp". */
export interface SeccompProfile {
  readonly defaultAction: "SCMP_ACT_ERRNO";
  readonly architectures: readonly string[];
  readonly syscalls: readonly SeccompRule[];
}

export interface SeccompRule {
  readonly names: readonly string[];
  readonly action: "SCMP_ACT_ALLOW" | "SCMP_ACT_ERRNO";
  readonly errnoRet?: number;
  readonly args?: readonly {
    readonly index: number;
    readonly value: number;
    readonly op: "SCMP_CMP_EQ" | "SCMP_CMP_NE" | "SCMP_CMP_MASKED_EQ";
  }[];
}

const ENOSYS = 38;
const AF_VSOCK = 40;
/** Linux, 32 bit Linux, each also with UNAME26; and the question which it is. */
const PERSONALITIES = [0x0, 0x8, 0x20000, 0x20008, 0xffffffff] as const;
/** CLONE_NEWNS, NEWCGROUP, NEWUTS, NEWIPC, NEWUSER, NEWPID, NEWNET. */
const CLONE_NAMESPACES = 0x7e020000;

/**
 * The profile of containerd for a container with these capabilities, on x86-64 and a kernel from 4.8 on: what is not
 * listed fails with EPERM. A test holds it equal to what the image's containerd makes.
 */
export function seccompProfile(
  capabilities: readonly string[],
  moreCalls: readonly string[] = [],
): SeccompProfile {
  const opened = capabilities.flatMap((capability) => {
    const names = CALLS_OF_CAPABILITY[capability];
    return names === undefined ? [] : [allow(names)];
  });
  return {
    defaultAction: "SCMP_ACT_ERRNO",
    architectures: ["SCMP_ARCH_X86_64", "SCMP_ARCH_X86", "SCMP_ARCH_X32"],
    syscalls: [
      allow(COMMON_CALLS),
      // Sockets to the hypervisor are not confined by a network namespace.
      { ...allow(["socket"]), args: [{ index: 0, value: AF_VSOCK, op: "SCMP_CMP_NE" }] },
      ...PERSONALITIES.map((value) => ({
        ...allow(["personality"]),
        args: [{ index: 0, value, op: "SCMP_CMP_EQ" } as const],
      })),
      allow(["process_vm_readv", "process_vm_writev", "ptrace"]),
      allow(["arch_prctl", "modify_ldt"]),
      ...opened,
      ...(capabilities.includes("CAP_SYS_ADMIN") ? [] : NO_NAMESPACES),
      ...(moreCalls.length === 0 ? [] : [allow(moreCalls)]),
    ],
  };
}

/** Flags of clone3 are in memory, where seccomp cannot look: it does not exist, and libraries take clone. */
const NO_NAMESPACES: readonly SeccompRule[] = [
  {
    ...allow(["clone"]),
    args: [{ index: 0, value: CLONE_NAMESPACES, op: "SCMP_CMP_MASKED_EQ" }],
  },
  { names: ["clone3"], action: "SCMP_ACT_ERRNO", errnoRet: ENOSYS },
];

function allow(names: readonly string[]): SeccompRule {
  return { names, action: "SCMP_ACT_ALLOW" };
}
