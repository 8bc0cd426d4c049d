// The selector is a program of its own; the Exec port is a layer above this one.
// oxlint-disable-next-line no-restricted-imports
import { spawnSync } from "node:child_process";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { fileURLToPath } from "node:url";

const SELECTOR = fileURLToPath(new URL("../../../kernel/selector", import.meta.url));
const MAX_ANSWER_BYTES = 512 * 1024 * 1024;

/** The selector's own code for the choice and for the table, compiled for this machine. Answers as `test/agree.c` says. */
export interface SelectorOracle extends Disposable {
  ask(questions: readonly Uint8Array[]): Buffer;
}

export function buildSelectorOracle(): SelectorOracle {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "ballast-selector-"));
  const program = path.join(folder, "agree");
  const sources = ["test/agree.c", "select.c", "gpt.c"].map((file) => path.join(SELECTOR, file));
  run("gcc", [
    "-std=gnu11",
    "-Wall",
    "-Wextra",
    "-Werror",
    "-O2",
    `-I${SELECTOR}`,
    "-o",
    program,
    ...sources,
  ]);
  return {
    ask: (questions) => run(program, [], Buffer.concat(questions)),
    [Symbol.dispose]: () => {
      fs.rmSync(folder, { recursive: true });
    },
  };
}

function run(file: string, args: readonly string[], input: Uint8Array = new Uint8Array()): Buffer {
  const { error, status, stdout, stderr } = spawnSync(file, args, {
    input,
    maxBuffer: MAX_ANSWER_BYTES,
  });
  if (error !== undefined)
    throw new Error(`Cannot run "${file}": are Debian's packages gcc and libc6-dev installed?`, {
      cause: error,
    });
  if (status !== 0) throw new Error(`"${file}" ended with ${status}: ${stderr.toString()}`);
  return stdout;
}
