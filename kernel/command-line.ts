// The fixed part of the kernel command line. It is signed with the image; the image build adds the
// root (`root=`, `dm-mod.create=`, `dm-mod.waitfor=`), which it knows only after making the root.

export type Parameter = { readonly parameter: string; readonly reason: string };

export const fixedParameters: readonly Parameter[] = [
  {
    parameter: "console=ttyS0,115200",
    reason: "the serial line is the only console; the status block and kernel panics appear there",
  },
  {
    parameter: "loglevel=4",
    reason: "the console shows errors and worse; everything is in the journal",
  },
  {
    parameter: "oops=panic",
    reason: "a damaged kernel stops instead of going on, so that the other slot gets its turn",
  },
  {
    parameter: "panic=10",
    reason: "a stopped machine restarts by itself, after time to read the console",
  },
  {
    parameter: "lockdown=integrity",
    reason: "not even root changes the running kernel; the configuration forces the same",
  },
  {
    parameter: "slab_nomerge",
    reason: "objects of different kinds never share a cache, so an overflow stays among its kind",
  },
  {
    parameter: "page_alloc.shuffle=1",
    reason: "freed pages are handed out in an order that an attacker cannot foresee",
  },
  {
    parameter: "hardened_usercopy=1",
    reason: "copies between user and kernel stay checked whatever a later kernel's default is",
  },
  {
    parameter: "bonding.max_bonds=0",
    reason: "no bond exists that nobody asked for",
  },
  {
    parameter: "dummy.numdummies=0",
    reason: "the same for dummy interfaces",
  },
  {
    parameter: "ifb.numifbs=0",
    reason: "the same for the interfaces of the CNI bandwidth plugin",
  },
  {
    parameter: "systemd.machine_id=firmware",
    reason: "the machine keeps its identity across updates although /etc cannot be written",
  },
  {
    parameter: "systemd.import_credentials=no",
    reason: "firmware and hypervisor cannot pass credentials, for they are not signed",
  },
  {
    parameter: "systemd.gpt_auto=no",
    reason: "only the partitions that the image names are mounted, whatever else a disk carries",
  },
];

export function fixedCommandLine(): string {
  return fixedParameters.map(({ parameter }) => parameter).join(" ");
}

/** The end of the command line: after it and in place of spaces the selector writes the parameters that settings ask for. */
const PARAMETERS_MARKER = "ballast.parameters";

/** Spaces after the marker. The selector takes at most 1000 characters of parameters. */
const PARAMETERS_ROOM = 1024;

/** COMMAND_LINE_SIZE of x86, the final 0 included: what is longer is cut off without a word. */
const KERNEL_TAKES = 2048;

/** The whole command line with the room for parameters, as it is signed; fails if the kernel could not take it all. */
export function signedCommandLine(parts: readonly string[]): string {
  const line = `${[...parts, PARAMETERS_MARKER].join(" ")}${" ".repeat(PARAMETERS_ROOM)}`;
  if (line.length >= KERNEL_TAKES)
    throw new RangeError(
      `Cannot make the command line: with room for parameters it has ${line.length} characters, must be less than ${KERNEL_TAKES}`,
    );
  return line;
}
