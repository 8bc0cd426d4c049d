// Real disks need the real tools; the Exec port is for programs that run on the host.
// oxlint-disable-next-line no-restricted-imports
import { spawnSync } from "node:child_process";

/** The tools that the tests judge by, each with Debian's package. */
const PACKAGE = {
  cgpt: "cgpt",
  gdisk: "gdisk",
  sfdisk: "fdisk",
  sgdisk: "gdisk",
  "systemd-repart": "systemd (from Debian 13: systemd-repart)",
} as const;

export interface ToolResult {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a tool; one that is not installed fails the test, by the name of its package. */
export function runTool(
  name: keyof typeof PACKAGE,
  args: readonly string[],
  input = "",
): ToolResult {
  const env = { ...process.env, PATH: `${process.env["PATH"]}:/usr/sbin:/sbin` };
  const { error, status, stdout, stderr } = spawnSync(name, args, { env, input, encoding: "utf8" });
  if (error !== undefined)
    throw new Error(`Cannot run "${name}": install Debian's package ${PACKAGE[name]}`, {
      cause: error,
    });
  return { status, stdout, stderr };
}

export function sgdisk(...args: string[]): string {
  const { status, stdout, stderr } = runTool("sgdisk", args);
  if (status !== 0) throw new Error(`sgdisk failed with ${status}: ${stdout}${stderr}`);
  return stdout;
}

/** What each of the four finds wrong with the table of this image; empty if none does. */
export function complaintsOf(file: string): string[] {
  const check = (name: string, { status, stdout, stderr }: ToolResult, good: RegExp): string[] =>
    status === 0 && good.test(stdout) && stderr === ""
      ? []
      : [`${name} (${status}): ${stdout}${stderr}`];
  return [
    ...check("sgdisk", runTool("sgdisk", ["-v", file]), /No problems found/),
    ...check("gdisk", runTool("gdisk", [file], "v\nq\n"), /No problems found/),
    ...check("sfdisk --verify", runTool("sfdisk", ["--verify", file]), /No errors detected/),
    ...check("sfdisk --json", runTool("sfdisk", ["--json", file]), /"label": *"gpt"/),
    ...check(
      "cgpt",
      runTool("cgpt", ["show", file]),
      /^(?![^]*INVALID)[^]*Pri GPT header[^]*Sec GPT header/,
    ),
  ];
}

export function setUuid(file: string, number: number, uuid: string): void {
  const { status, stderr } = runTool("sfdisk", ["--part-uuid", file, String(number), uuid]);
  if (status !== 0) throw new Error(`sfdisk failed with ${status}: ${stderr}`);
}

export function uuidOf(file: string, number: number): string {
  return runTool("sfdisk", ["--part-uuid", file, String(number)])
    .stdout.trim()
    .toLowerCase();
}
