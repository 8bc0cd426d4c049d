import { PATHS } from "../../paths.ts";
import { fail, judge, pass, type CisCheck, type Verdict } from "./cis-check.ts";
import type { MachineLook } from "./machine-look.ts";

export const KERNEL_CHECKS: readonly CisCheck[] = [
  {
    id: "1.1.1.1",
    title: "UDF cannot be mounted",
    level: 2,
    mode: "automatic",
    look: async (machine) => {
      const known = (await machine.text("/proc/filesystems")).split(/\s+/);
      if (known.includes("udf")) return fail("The kernel has UDF: /proc/filesystems names it.");
      return withoutModules(machine, "The kernel has no UDF");
    },
  },
  {
    id: "1.4.1",
    title: "Programs with set-id bits leave no core dumps",
    level: 1,
    mode: "automatic",
    look: (machine) => number(machine, "fs/suid_dumpable", (value) => value === 0),
  },
  {
    id: "1.4.2",
    title: "Addresses are laid out at random",
    level: 1,
    mode: "automatic",
    look: (machine) => number(machine, "kernel/randomize_va_space", (value) => value === 2),
  },
  {
    id: "1.4.3",
    title: "BPF takes privileges",
    level: 1,
    mode: "automatic",
    look: (machine) =>
      number(machine, "kernel/unprivileged_bpf_disabled", (value) => value === 1 || value === 2),
  },
  {
    id: "1.4.4",
    title: "There are no user namespaces",
    level: 2,
    mode: "automatic",
    look: async (machine) => {
      const kinds = await machine.names("/proc/self/ns");
      if (!kinds.includes("user")) return pass("The kernel has no user namespaces.");
      return number(machine, "user/max_user_namespaces", (value) => value === 0);
    },
  },
  {
    id: "1.5.1",
    title: "SELinux is enforced",
    level: 1,
    mode: "automatic",
    look: selinux,
  },
  {
    id: "1.5.2",
    title: "The kernel is locked down",
    level: 2,
    mode: "automatic",
    look: async (machine) => {
      const text = await machine.text(PATHS.lockdown);
      const [, level] = /\[(\w+)\]/.exec(text) ?? [];
      if (level === undefined) throw new Error(`"${PATHS.lockdown}" names no level`);
      return judge(level !== "none", `The level of lockdown is ${level}.`);
    },
  },
  {
    id: "3.3.1",
    title: "There is no SCTP",
    level: 2,
    mode: "automatic",
    look: async (machine) => {
      const [head = "", ...lines] = (await machine.text("/proc/net/protocols")).split("\n");
      if (!head.startsWith("protocol")) throw new Error("/proc/net/protocols has another form");
      const hasSctp = lines.some((line) => line.startsWith("SCTP"));
      if (hasSctp) return fail("The kernel has SCTP: /proc/net/protocols names it.");
      return withoutModules(machine, "The kernel has no SCTP");
    },
  },
];

/** What is not in the kernel can still come with a module, unless none can be loaded. */
async function withoutModules(machine: MachineLook, what: string): Promise<Verdict> {
  const names = await machine.names("/proc");
  if (!names.includes("modules")) return pass(`${what}, and loads no modules.`);
  const isClosed = (await machine.sysctl("kernel/modules_disabled")) === "1";
  return isClosed
    ? pass(`${what}, and no modules can be loaded any more.`)
    : fail(`${what}, but a module may bring it: kernel.modules_disabled is not 1.`);
}

/** Ballast has no policy for SELinux; the sentence says what is there in its place. */
async function selinux(machine: MachineLook): Promise<Verdict> {
  const modules = (await machine.text(PATHS.securityModules)).split(",");
  if (modules.includes("selinux")) {
    const isEnforced = (await machine.text("/sys/fs/selinux/enforce")) === "1";
    return judge(isEnforced, `SELinux is ${isEnforced ? "enforced" : "permissive"}.`);
  }
  return fail(
    `The kernel has no SELinux; its security modules are ${modules.join(", ")}, and each service of the system is confined by its unit (system calls, capabilities, file systems) on a root that nobody can write to.`,
  );
}

async function number(
  machine: MachineLook,
  name: string,
  isGood: (value: number) => boolean,
): Promise<Verdict> {
  const text = await machine.sysctl(name);
  if (!/^-?\d+$/.test(text)) throw new Error(`${dotted(name)} is no number`);
  return judge(isGood(Number(text)), `${dotted(name)} is ${text}.`);
}

function dotted(name: string): string {
  return name.replaceAll("/", ".");
}
