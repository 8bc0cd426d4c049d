import { parseArgs } from "node:util";
import { UsageError } from "@ballast/errors";
import type { PublishedPort } from "./qemu-arguments.ts";

export interface StartCommand {
  readonly kind: "start";
  readonly name: string;
  readonly memoryMiB: number;
  /** Undefined: what suits the accelerator. */
  readonly cpus: number | undefined;
  /** Without it the disk keeps its size if it has the default or more. */
  readonly diskSizeGiB: number | undefined;
  /** Host port of the remote API; without one a free port is chosen. */
  readonly port: number | undefined;
  /** Ports on 127.0.0.1 that lead to other ports of the guest. */
  readonly published: readonly PublishedPort[];
  readonly userDataFile: string | undefined;
  /** What becomes of the state when the image has changed: undefined is the default, a new disk. */
  readonly state: "keep" | "discard" | undefined;
  readonly imageFile: string | undefined;
  /** The firmware starts only what the build's keys signed. */
  readonly isSecureBoot: boolean;
  readonly isBuilt: boolean;
  /** A new guest gets a container that answers on this computer. */
  readonly isWelcomed: boolean;
  readonly isQuiet: boolean;
  /** Stop as soon as the guest was healthy. */
  readonly isOnce: boolean;
}

export type Command = StartCommand | { readonly kind: "help" };

export const HELP = `Usage: npm start -- [options]

Builds the image, boots it in QEMU, waits until it is healthy and tells how to talk to it.
A new guest gets a container that answers on a port of this computer; its URL is told.
Ctrl-C shuts the guest down; a second Ctrl-C cuts its power.

Guest
  --memory MIB         memory of the guest (default 2048)
  --cpus N             processors of the guest (default 2, 1 if it is emulated)
  --disk-size GIB      size of the disk, whose data partition grows into it (default at least 8)
  --port PORT          port on 127.0.0.1 that leads to the API (default 8443, or a free one)
  --publish HOST:GUEST port on 127.0.0.1 that leads to a port of the guest; may be repeated
  --no-welcome         without the container that answers
  --user-data FILE     settings for the first boot, TOML
  --secure-boot        firmware that starts only what the keys of images/keys signed

State
  --name NAME          which guest: each name has a disk of its own (default "default")
  --keep-state         keep the guest's disk although the image has changed
  --discard-state      begin with a new disk and new certificates

Image
  --image FILE         boot this qcow2 image; builds nothing
  --no-build           boot the image that was built last

Output
  --quiet              do not show the guest's console
  --once, --exit       shut the guest down as soon as it was healthy, and exit with 0
  --help               show this text
`;

const OPTIONS = {
  memory: { type: "string" },
  cpus: { type: "string" },
  "disk-size": { type: "string" },
  port: { type: "string" },
  publish: { type: "string", multiple: true },
  "no-welcome": { type: "boolean" },
  "user-data": { type: "string" },
  "secure-boot": { type: "boolean" },
  name: { type: "string" },
  "keep-state": { type: "boolean" },
  "discard-state": { type: "boolean" },
  image: { type: "string" },
  "no-build": { type: "boolean" },
  quiet: { type: "boolean" },
  once: { type: "boolean" },
  exit: { type: "boolean" },
  help: { type: "boolean", short: "h" },
} as const;

const SEE_HELP = "See npm start -- --help";

/** Arguments → command, pure; everything that is not understood is a {@link UsageError} of one sentence. */
export function parseCommand(args: readonly string[]): Command {
  const { values, positionals } = parse(args);
  if (values.help === true) return { kind: "help" };
  const [verb, ...rest] = positionals;
  if (verb !== "start")
    throw new UsageError(
      `Unknown command ${JSON.stringify(verb ?? "")}, must be "start"`,
      SEE_HELP,
    );
  if (rest.length > 0)
    throw new UsageError(`Unexpected argument ${JSON.stringify(rest[0])}`, SEE_HELP);
  const keep = values["keep-state"] === true;
  const discard = values["discard-state"] === true;
  if (keep && discard)
    throw new UsageError("Cannot both keep and discard the state: give one of the two", SEE_HELP);
  return {
    kind: "start",
    name: readName(values.name ?? "default"),
    memoryMiB: readInteger("--memory", values.memory ?? "2048", 256, 1_048_576),
    cpus: values.cpus === undefined ? undefined : readInteger("--cpus", values.cpus, 1, 255),
    diskSizeGiB:
      values["disk-size"] === undefined
        ? undefined
        : readInteger("--disk-size", values["disk-size"], 1, 65_536),
    port: values.port === undefined ? undefined : readInteger("--port", values.port, 1, 65_535),
    published: (values.publish ?? []).map(readPublished),
    userDataFile: values["user-data"],
    state: keep ? "keep" : discard ? "discard" : undefined,
    imageFile: values.image,
    isSecureBoot: values["secure-boot"] === true,
    isBuilt: values["no-build"] !== true && values.image === undefined,
    isWelcomed: values["no-welcome"] !== true,
    isQuiet: values.quiet === true,
    isOnce: values.once === true || values.exit === true,
  };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options: OPTIONS, allowPositionals: true, strict: true });
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    // Node's advice after the first sentence is about "--", which does not apply here.
    throw new UsageError(error.message.split(". ")[0] ?? error.message, SEE_HELP);
  }
}

function readInteger(option: string, text: string, min: number, max: number): number {
  const value = Number(text);
  if (!/^\d+$/.test(text) || value < min || value > max)
    throw new UsageError(
      `Option ${option} is ${JSON.stringify(text)}, must be a whole number from ${min} to ${max}`,
      SEE_HELP,
    );
  return value;
}

function readPublished(text: string): PublishedPort {
  const [host = "", guest = "", ...more] = text.split(":");
  if (more.length > 0 || guest === "")
    throw new UsageError(
      `Option --publish is ${JSON.stringify(text)}, must be HOST:GUEST, two ports`,
      SEE_HELP,
    );
  return {
    hostPort: readInteger("--publish", host, 1, 65_535),
    guestPort: readInteger("--publish", guest, 1, 65_535),
  };
}

/** The name becomes a directory and part of QEMU's command line. */
function readName(text: string): string {
  if (!/^[a-z0-9][a-z0-9-]{0,30}$/.test(text))
    throw new UsageError(
      `Option --name is ${JSON.stringify(text)}, must be 1 to 31 of a-z, 0-9 and "-", not beginning with "-"`,
      SEE_HELP,
    );
  return text;
}
