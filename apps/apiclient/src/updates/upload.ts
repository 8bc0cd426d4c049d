import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { uploadBundle, type ApiClient } from "@ballast/api-client";
import type { ProgramContext } from "@ballast/service";
import { ApiclientError } from "../apiclient-error.ts";
import { amountOf, spanOf } from "./amounts.ts";
import type { ProgressLine } from "./progress-line.ts";

const SHOW_MS = 500;
const STEP_PERCENT = 10;

/** Hands a bundle to the machine; it counts there when it has come whole. */
export async function upload(
  { signal }: ProgramContext,
  client: ApiClient,
  line: ProgressLine,
  file: string,
): Promise<void> {
  const sizeBytes = await sizeOf(file);
  await uploadBundle(client, { bytes: shown(file, sizeBytes, line), sizeBytes }, { signal });
  line.clear();
}

async function* shown(
  file: string,
  sizeBytes: number,
  line: ProgressLine,
): AsyncGenerator<Uint8Array> {
  const sinceMs = performance.now();
  let sent = 0;
  let nextMs = sinceMs + SHOW_MS;
  // What is appended meanwhile is not of the bundle; what is missing fails the upload.
  const end = Math.max(0, sizeBytes - 1);
  for await (const chunk of createReadStream(file, { end })) {
    const bytes = Buffer.from(chunk);
    yield bytes;
    sent += bytes.length;
    const nowMs = performance.now();
    if (nowMs < nextMs) continue;
    nextMs = nowMs + SHOW_MS;
    const rate = (1000 * sent) / (nowMs - sinceMs);
    const percent = Math.floor((100 * sent) / sizeBytes);
    const left = spanOf(Math.round((sizeBytes - sent) / rate));
    line.show(
      `Uploading: ${percent} %, ${amountOf(sent)} of ${amountOf(sizeBytes)}, ${amountOf(rate)}/s, ${left} left`,
      `upload ${Math.floor(percent / STEP_PERCENT)}`,
    );
  }
}

async function sizeOf(file: string): Promise<number> {
  try {
    const found = await stat(file);
    if (!found.isFile()) throw new Error("it is no file");
    return found.size;
  } catch (cause) {
    throw new ApiclientError("apiclient.read", `Cannot read "${file}"`, { cause });
  }
}
