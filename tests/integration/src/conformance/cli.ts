import { parseArgs } from "node:util";
import { UsageError } from "@ballast/errors";

export const SUITES = ["oci-runtime", "critest", "tuf"] as const;
export type Suite = (typeof SUITES)[number];

export type Command =
  | { readonly kind: "help" }
  | {
      readonly kind: "run";
      readonly suite: Suite;
      /** Folder of the suite, as its own build leaves it. */
      readonly path: string;
      /** Parts of names; all without any. */
      readonly only: readonly string[];
    };

export const HELP = `Usage: npm run conformance -- --suite NAME --path DIR [--only TEXT[,TEXT]]

Runs a public conformance suite, which you bring. Those of containers run against containerd and runc of the image that was
built last, in namespaces of this machine, and need root. Prints one line per test and the failures whole.

Suites:
  oci-runtime  programs of OCI runtime-tools; DIR has runtimetest, rootfs-amd64.tar.gz and validation/*/*.t
  critest      of Kubernetes' cri-tools; DIR has critest and busybox, both static
  tuf          tuf-conformance; DIR is its checkout, in which \`make dev\` made env. Needs faketime

Options:
  --suite NAME          which
  --path DIR            where it is
  --only TEXT[,TEXT]    only tests whose names contain one of these
  --help                show this text

Exit code: 0 all passed or skipped, 1 some failed, 64 wrong usage, 69 the suite or the image is not there.

Examples:
  npm run conformance -- --suite oci-runtime --path ../runtime-tools
  npm run conformance -- --suite oci-runtime --path ../runtime-tools --only linux_seccomp,mounts
`;

/** Throws a UsageError. */
export function parseCommand(args: readonly string[]): Command {
  const { suite, path, only, help } = read(args);
  if (help === true) return { kind: "help" };
  const known = SUITES.find((name) => name === suite);
  if (known === undefined)
    throw new UsageError(
      suite === undefined
        ? "Cannot run a suite: --suite is missing"
        : `Cannot run suite "${suite}": there is none of this name`,
      `Suites: ${SUITES.join(", ")}.`,
    );
  if (path === undefined || path === "")
    throw new UsageError(`Cannot run suite "${known}": --path is missing`, "See --help.");
  return { kind: "run", suite: known, path, only: only?.split(",").filter(Boolean) ?? [] };
}

function read(args: readonly string[]) {
  const text = { type: "string" } as const;
  const options = { suite: text, path: text, only: text, help: { type: "boolean" } } as const;
  try {
    return parseArgs({ args: [...args], options }).values;
  } catch (cause) {
    throw new UsageError(
      `Cannot read the options: ${cause instanceof Error ? cause.message : String(cause)}`,
      "See --help.",
    );
  }
}
