import { mkdir, open } from "node:fs/promises";
import { join } from "node:path";
import process from "node:process";
import { createContext, runTool, sealExecutable } from "@ballast/harness";

/** What our programs are set against: the same Node under the same flags, sealed the same way, doing next to nothing. */
const SCRIPTS = {
  /** Ends at once. */
  empty: '"use strict";',
  /** Accepts connections on the unix socket of its first argument. */
  listener: '"use strict"; require("node:net").createServer().listen(process.argv[2]);',
  /** Answers every request on the unix socket of its first argument with the same JSON. */
  "http-server": `"use strict";
const body = JSON.stringify({ text: "x".repeat(200) });
const server = require("node:http").createServer((request, response) => {
  request.resume();
  request.on("end", () => {
    response.setHeader("content-type", "application/json");
    response.setHeader("content-length", body.length);
    response.end(body);
  });
});
server.listen(process.argv[2]);`,
} as const;

/**
 * Waits until a new file is on the disk: until then its pages can neither be dropped from the page cache, nor do they
 * count as clean in a process that maps them.
 */
export async function settleFile(path: string): Promise<void> {
  await using file = await open(path, "r+");
  await file.sync();
}

/** Drops a file's pages from the page cache. Needs no root, unlike dropping all of it, and leaves other files alone. */
export async function dropPages(path: string): Promise<void> {
  await runTool("dd", [`if=${path}`, "iflag=nocache", "count=0", "status=none"]);
}

export async function sealBaseline(name: keyof typeof SCRIPTS, directory: string): Promise<string> {
  await mkdir(directory, { recursive: true });
  const executable = join(directory, name);
  await sealExecutable(await createContext(directory, process.env), SCRIPTS[name], executable);
  await settleFile(executable);
  return executable;
}
