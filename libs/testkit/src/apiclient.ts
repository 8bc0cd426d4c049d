import { join } from "node:path";
import process from "node:process";
import { REPOSITORY } from "@ballast/vm";
import { execa } from "execa";
import type { Guest } from "./guest.ts";

const APICLIENT = join(REPOSITORY, "apps/apiclient/src/main.ts");
/** Of an update, on a busy computer that emulates. */
const LIMIT_MS = 600_000;

export interface Answered {
  readonly exitCode?: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the product's own client against a guest's remote API, as an admin does; never throws for how it ends. */
export async function runApiclient(
  { machine, place }: Guest,
  args: readonly string[],
  input = "",
): Promise<Answered> {
  const way = ["--remote", `127.0.0.1:${machine.apiPort}`, "--credentials", place.credentials];
  return execa(process.execPath, [APICLIENT, ...way, ...args], {
    ...({ reject: false, timeout: LIMIT_MS, stripFinalNewline: false } as const),
    input,
  });
}
