import { basename, dirname } from "node:path";
import type { Context } from "../core/context.ts";

/** Nothing is linked: the program is one file that needs no other, and asks the kernel itself. */
const FLAGS = [
  ...["-Os", "-Wall", "-Wextra", "-Werror", "-std=gnu11"],
  ...[
    "-static",
    "-nostdlib",
    "-ffreestanding",
    "-fno-stack-protector",
    "-fno-asynchronous-unwind-tables",
  ],
  ...["-Wl,--build-id=none", "-Wl,-z,noexecstack", "-s"],
];

/** Compiles one file of C into a program that runs on any root, with any C library or none. */
export async function buildStaticProgram(
  context: Context,
  source: string,
  output: string,
): Promise<void> {
  const program = `/out/${basename(output)}`;
  await context.run(["gcc", ...FLAGS, "-o", program, `/src/${basename(source)}`], {
    readOnly: { "/src": dirname(source) },
    writable: { "/out": dirname(output) },
  });
}
