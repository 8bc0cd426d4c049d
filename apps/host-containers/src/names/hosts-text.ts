/** A name of a container and where it is. */
export interface Named {
  readonly name: string;
  readonly address: string;
}

/**
 * Lines have lengths of this and its multiples: the file is written over while others read it, and what they see half old
 * and half new, cut at a page, consists of whole lines.
 */
const LINE_UNIT_BYTES = 128;

/** The text of hosts(5) for containers: what the machine knows, then the containers. What the machine has a name for it keeps. */
export function hostsText(machine: string, containers: readonly Named[]): string {
  const lines = machine.split("\n").filter((line) => line.trim() !== "");
  const taken = new Set(lines.flatMap(namesOf));
  const own = containers
    .filter(({ name }) => !taken.has(name))
    .toSorted((a, b) => (a.name < b.name ? -1 : 1))
    .map(({ name, address }) => `${address} ${name}`);
  return [...lines, ...own].map(padded).join("");
}

function namesOf(line: string): string[] {
  const [entry = ""] = line.split("#");
  return entry.trim().toLowerCase().split(/\s+/).slice(1);
}

function padded(line: string): string {
  const bytes = Buffer.byteLength(line) + 1;
  const whole = Math.ceil(bytes / LINE_UNIT_BYTES) * LINE_UNIT_BYTES;
  return `${line}${" ".repeat(whole - bytes)}\n`;
}
