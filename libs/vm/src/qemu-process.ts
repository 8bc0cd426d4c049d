import { existsSync } from "node:fs";
import { execa } from "execa";
import { kill, killAtExit } from "./cleanup.ts";
import { programMissing } from "./run-tool.ts";
import { VmError } from "./vm-error.ts";

const QEMU = "qemu-system-x86_64";
const SETPRIV = "/usr/bin/setpriv";

export interface QemuProcess {
  readonly processId: number;
  /** Resolves when QEMU has ended, with the reason as a sentence; never rejects. */
  readonly ended: Promise<VmError>;
  /** SIGKILL, as a cut of the power. */
  kill(): void;
}

/**
 * Starts QEMU in a session of its own, so that Ctrl-C in the terminal reaches us and not the guest. It is killed when
 * this process exits; where setpriv (util-linux) is present the kernel does so even if we are killed ourselves.
 */
export function spawnQemu(args: readonly string[]): QemuProcess {
  const isGuarded = existsSync(SETPRIV);
  const guard = ["--pdeathsig", "KILL", "--", QEMU];
  const child = execa(isGuarded ? SETPRIV : QEMU, isGuarded ? [...guard, ...args] : args, {
    detached: true,
    cleanup: false,
    reject: false,
    stdin: "ignore",
    stdout: "ignore",
    stderr: "pipe",
  });
  const { pid } = child;
  const forget = pid === undefined ? () => undefined : killAtExit(pid);
  const ended = child.then((result) => {
    forget();
    if (result.code === "ENOENT" || result.exitCode === 127) return programMissing(QEMU, result);
    if (result.exitCode === 0) return new VmError("vm.ended", "The machine was switched off");
    const fate = result.signal === undefined ? `exit code ${result.exitCode}` : result.signal;
    return new VmError("vm.ended", `QEMU ended: ${result.stderr.trim() || fate}`);
  });
  return {
    processId: pid ?? 0,
    ended,
    kill: () => {
      if (pid !== undefined) kill(pid);
    },
  };
}
