/** What the image's sysctl.d sets, as paths below /proc/sys; `*` stands for one name. kernel-sysctl.service sets it again. */
export const IMAGE_SYSCTLS: readonly string[] = [
  "kernel/pid_max",
  "kernel/kptr_restrict",
  "kernel/dmesg_restrict",
  "kernel/yama/ptrace_scope",
  "kernel/unprivileged_bpf_disabled",
  "net/core/bpf_jit_harden",
  "kernel/panic",
  "kernel/panic_on_oops",
  "fs/protected_fifos",
  "fs/protected_hardlinks",
  "fs/protected_regular",
  "fs/protected_symlinks",
  "fs/suid_dumpable",
  "net/ipv4/conf/*/accept_redirects",
  "net/ipv4/conf/*/accept_source_route",
  "net/ipv4/conf/*/secure_redirects",
  "net/ipv4/conf/*/send_redirects",
  "net/ipv4/conf/*/rp_filter",
  "net/ipv6/conf/*/accept_redirects",
];

/** Whether a parameter goes back to a value of the image when it is no longer set. */
export function isSetByImage(path: string): boolean {
  const names = path.split("/");
  return IMAGE_SYSCTLS.some((pattern) => {
    const wanted = pattern.split("/");
    return (
      wanted.length === names.length &&
      wanted.every((name, index) => name === "*" || name === names[index])
    );
  });
}
