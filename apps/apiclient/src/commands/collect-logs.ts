import { randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { link, open, rename, rm } from "node:fs/promises";
import { resolve } from "node:path";
import { streamLogArchive, type ApiClient } from "@ballast/api-client";
import { EXIT } from "@ballast/errors";
import type { ProgramContext } from "@ballast/service";
import { ApiclientError } from "../apiclient-error.ts";

const PROGRESS_MS = 1000;

interface CollectRequest {
  readonly file: string;
  readonly force: boolean;
  readonly json: boolean;
}

/** Writes the archive beside its place and moves it there when it is whole: a part of one is never left. */
export async function collectLogs(
  { stdout, stderr, signal }: ProgramContext,
  client: ApiClient,
  { file, force, json }: CollectRequest,
): Promise<number> {
  const target = resolve(file);
  if (!force && existsSync(target)) throw exists(target);
  const draft = `${target}.${randomBytes(6).toString("hex")}.tmp`;
  let bytes = 0;
  try {
    // Only for its owner: no search for secrets finds everything.
    await using handle = await openNew(draft, target);
    let nextMs = performance.now() + PROGRESS_MS;
    for await (const chunk of streamLogArchive(client, { signal })) {
      await write(handle, chunk, target);
      bytes += chunk.length;
      if (performance.now() < nextMs) continue;
      nextMs = performance.now() + PROGRESS_MS;
      stderr(`apiclient: ${sizeOf(bytes)} collected\n`);
    }
    await handle.sync();
    await put(draft, target, force);
  } finally {
    await rm(draft, { force: true });
  }
  const text = `Wrote ${target} (${sizeOf(bytes)}). Secrets are taken out as far as they can be told; read it before you send it.\n`;
  await stdout(json ? `${JSON.stringify({ file: target, bytes })}\n` : text);
  return EXIT.ok;
}

type Handle = Awaited<ReturnType<typeof open>>;

async function openNew(draft: string, target: string): Promise<Handle> {
  try {
    return await open(draft, "wx", 0o600);
  } catch (error) {
    throw cannotWrite(target, error);
  }
}

async function write(handle: Handle, chunk: Uint8Array, target: string): Promise<void> {
  try {
    await handle.writeFile(chunk);
  } catch (error) {
    throw cannotWrite(target, error);
  }
}

/** A link fails where a name is taken, also by somebody who came meanwhile; a rename would not. */
async function put(draft: string, target: string, force: boolean): Promise<void> {
  try {
    await (force ? rename(draft, target) : link(draft, target));
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : undefined;
    if (code === "EEXIST") throw exists(target);
    // Not every file system has links.
    if (force || (code !== "EPERM" && code !== "EOPNOTSUPP")) throw cannotWrite(target, error);
    if (existsSync(target)) throw exists(target);
    await put(draft, target, true);
  }
}

function exists(target: string): ApiclientError {
  return new ApiclientError("apiclient.exists", `Cannot write "${target}": it exists already`, {
    exitCode: EXIT.failed,
    hint: "Give --force to replace it, or another name with --output.",
  });
}

function cannotWrite(target: string, cause: unknown): ApiclientError {
  return new ApiclientError("apiclient.write", `Cannot write "${target}"`, { cause });
}

function sizeOf(bytes: number): string {
  return bytes < 1024 * 1024
    ? `${Math.ceil(bytes / 1024)} KiB`
    : `${(bytes / 1024 / 1024).toFixed(1)} MiB`;
}
