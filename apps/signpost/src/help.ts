export type HelpTopic = "signpost" | "status" | "mark-successful-boot";

const EXIT_CODES = `Exit codes:
   0  done, or nothing to do
   1  a write failed
  64  wrong usage
  65  the disk holds no usable partition table or no slots
  69  the disk or the active slot cannot be found
  75  another signpost is writing, try again
  77  no permission
`;

/** The texts of --help; they are an interface and snapshot-tested. */
export const HELP: Readonly<Record<HelpTopic, string>> = {
  signpost: `Reads and writes the boot flags of the two slots.

Usage: signpost <command> [options]

Commands:
  status                Show both slots, which is active and which boots next
  mark-successful-boot  Mark the active slot successful and refill its tries

Options:
  -h, --help   Show this help, or that of a command
  --version    Show the version

Examples:
  signpost status
  signpost status --device disk.img --json
  signpost mark-successful-boot --dry-run

${EXIT_CODES}`,
  status: `Shows both slots, which is active, which boots next, and the state of both table copies.

Usage: signpost status [options]

Options:
  --device FILE  A disk or an image of one instead of the disk of this machine;
                 which slot is active is unknown there
  --json         Print JSON
  -h, --help     Show this help

Examples:
  signpost status
  signpost status --json
  signpost status --device disk.img

${EXIT_CODES}`,
  "mark-successful-boot": `Marks the active slot successful, refills its tries to 7 and repairs a damaged table copy.
Does nothing if that is so already. Writes nothing if kernel and firmware disagree on the active slot.

Usage: signpost mark-successful-boot [options]

Options:
  --device FILE  A disk or an image of one instead of the disk of this machine
  --slot A|B     The slot to mark, with --device only
  --dry-run      Print what would be written
  --json         Print JSON
  -h, --help     Show this help

Examples:
  signpost mark-successful-boot
  signpost mark-successful-boot --dry-run
  signpost mark-successful-boot --device disk.img --slot A

${EXIT_CODES}`,
};
