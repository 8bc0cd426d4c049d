import { open, readFile, rename } from "node:fs/promises";
import { join } from "node:path";
import { execa } from "execa";
import { dropPages, sealBaseline } from "../baseline-executable.ts";
import { BenchError } from "../bench-error.ts";
import type { BenchContext, Group } from "../group.ts";
import { HttpClient } from "../http-client.ts";
import { copyPrograms } from "../product.ts";
import type { GroupResult } from "../report.ts";
import { startApiServer, type ApiServerProcess } from "../server-process.ts";

const CHANGES_PER_ROUND = 10;
const WRITTEN = "4 KiB written beside, synced, renamed, the directory synced";
const EMPTY = "empty executable";

/** From the wish to the file that has it. */
export const effect: Group = {
  name: "effect",
  does: "a setting from the wish to its effect",
  run: measureEffect,
};

async function measureEffect({
  scratch,
  repeats,
  signal,
  say,
}: BenchContext): Promise<GroupResult> {
  say("preparing the executables");
  const { executable, paths } = await copyPrograms(join(scratch, "product"));
  const empty = await sealBaseline("empty", join(scratch, "baseline"));
  for (const file of [empty, executable]) await dropPages(file);
  await using server = await startApiServer(paths.apiserver, scratch, signal);
  using client = await HttpClient.connect(server.socket);
  const written: number[] = [];
  const called: number[] = [];
  const started: number[] = [];
  const commanded: number[] = [];
  let count = 0;
  const next = (): string => `Message ${(count += 1)}`;
  const command = async (file: string, args: readonly string[]): Promise<void> => {
    await execa(file, args, { env: { BALLAST_SOCKET: server.socket }, stdio: "ignore" });
  };
  // What is done once in the life of a server, or of a directory, is no part of a change.
  await setByCalls(client, server, next());
  await command(paths.apiclient, ["--version"]);
  for (let round = 0; round < repeats.rounds * CHANGES_PER_ROUND; round += 1) {
    signal.throwIfAborted();
    written.push(await timed(() => writeDurably(scratch)));
    called.push(await timed(() => setByCalls(client, server, next())));
    started.push(await timed(() => command(empty, [])));
    const motd = next();
    commanded.push(
      await timed(async () => {
        await command(paths.apiclient, ["set", `motd=${motd}`]);
        await expectMotd(server, motd);
      }),
    );
  }
  say(`${written.length} changes of each kind measured`);
  return {
    figures: [
      { name: WRITTEN, unit: "ms", values: written },
      { name: "motd by PATCH and commit_and_apply", unit: "ms", values: called, baseline: WRITTEN },
      { name: EMPTY, unit: "ms", values: started },
      { name: "apiclient set motd=…", unit: "ms", values: commanded, baseline: EMPTY },
    ],
    notes: [
      "Until the file that is shown, run/ballast/etc/motd, has been read with the new text. Commit and file are synced to the disk; motd restarts no unit, and what systemd takes for those of other settings is not in here.",
    ],
  };
}

async function timed(act: () => Promise<void>): Promise<number> {
  const startedMs = performance.now();
  await act();
  return performance.now() - startedMs;
}

async function setByCalls(
  client: HttpClient,
  server: ApiServerProcess,
  motd: string,
): Promise<void> {
  await client.exchange("PATCH", "/settings", JSON.stringify({ motd }));
  await client.exchange("POST", "/tx/commit_and_apply");
  await expectMotd(server, motd);
}

async function expectMotd({ root }: ApiServerProcess, motd: string): Promise<void> {
  if ((await readFile(join(root, "run/ballast/etc/motd"), "utf8")) !== `${motd}\n`)
    throw new BenchError("bench.server", "Cannot measure a change: its file does not have it");
}

/** The least that putting a file into its place can be. */
async function writeDurably(directory: string): Promise<void> {
  const path = join(directory, "written");
  {
    await using file = await open(`${path}.tmp`, "w");
    await file.write(Buffer.alloc(4096, 1));
    await file.sync();
  }
  await rename(`${path}.tmp`, path);
  await using folder = await open(directory, "r");
  await folder.sync();
}
