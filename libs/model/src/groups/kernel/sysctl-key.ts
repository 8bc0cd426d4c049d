import * as z from "zod";

const KEY_MAX_LENGTH = 128;

/**
 * A key of sysctl.d(5) with either separator: `net.ipv4.ip_forward`, `net/ipv4/conf/eth0.100/forwarding`. It must name a
 * place below /proc/sys whichever way it is read, so what the separators turn into is judged, not what was written:
 * `a.//.b` has no `..` and stands for `a/../b`.
 */
export const SysctlKey = z
  .string()
  .max(KEY_MAX_LENGTH, { error: `must be named by at most ${KEY_MAX_LENGTH} characters` })
  .regex(/^[A-Za-z0-9_][A-Za-z0-9._/-]*$/, {
    error:
      "must be named by letters, digits and '.', '/', '_', '-', not starting with '.', '/', '-'",
  })
  .refine((key) => !key.includes("..") && sysctlPath(key).split("/").every(isPathName), {
    error: "must be the name of a kernel parameter, without empty parts",
  });

/** The path below /proc/sys that systemd-sysctl(8) makes of a key: the first separator says which one separates. */
export function sysctlPath(key: string): string {
  const [first] = /[./]/.exec(key) ?? [];
  if (first !== ".") return key;
  return key.replaceAll(/[./]/g, (separator) => (separator === "." ? "/" : "."));
}

function isPathName(name: string): boolean {
  return name !== "" && name !== "." && name !== "..";
}
