import { execa, ExecaError } from "execa";
import { VmError } from "./vm-error.ts";

/** Debian's package of each program that is called, for the message when it is missing. */
const PACKAGE_OF: Readonly<Record<string, string>> = {
  "qemu-system-x86_64": "qemu-system-x86",
  "qemu-img": "qemu-utils",
  "qemu-io": "qemu-utils",
  sgdisk: "gdisk",
  openssl: "openssl",
};

/** sgdisk and friends live in sbin, which a user's PATH on Debian lacks. */
export const TOOL_ENV = { PATH: `${process.env["PATH"] ?? "/usr/bin:/bin"}:/usr/sbin:/sbin` };

/** Runs a short-lived tool and gives its standard output; a failure carries what the tool said. */
export async function runTool(
  file: string,
  args: readonly string[],
  timeoutMs = 120_000,
): Promise<string> {
  try {
    const { stdout } = await execa(file, args, {
      env: TOOL_ENV,
      timeout: timeoutMs,
      stdin: "ignore",
    });
    return stdout;
  } catch (error) {
    if (!(error instanceof ExecaError)) throw error;
    if (error.code === "ENOENT") throw programMissing(file, error);
    throw new VmError("vm.image-tool", `Cannot run "${file} ${args.join(" ")}": ${said(error)}`, {
      cause: error,
    });
  }
}

export function programMissing(file: string, cause: unknown): VmError {
  const debianPackage = PACKAGE_OF[file] ?? file;
  return new VmError("vm.program-missing", `Cannot run "${file}": the program is not installed`, {
    cause,
    hint: `Install it: apt install ${debianPackage}`,
  });
}

function said(error: ExecaError): string {
  if (typeof error.stderr === "string" && error.stderr.trim() !== "") return error.stderr.trim();
  return error.shortMessage;
}
