import type { IncomingMessage } from "node:http";
import { get } from "node:https";
import { getCACertificates } from "node:tls";
import { EXIT } from "@ballast/errors";
import { ApiclientError } from "./apiclient-error.ts";

const TIMEOUT_MS = 30_000;
const MAX_BYTES = 1024 * 1024;
const MAX_REDIRECTS = 5;

/** The text at an https URL; follows redirects to https alone. `ca` is trusted besides the usual authorities. */
export async function download(
  url: string,
  stop: AbortSignal,
  ca: string | undefined,
): Promise<string> {
  const signal = AbortSignal.any([stop, AbortSignal.timeout(TIMEOUT_MS)]);
  try {
    let at = url;
    for (let count = 0; count <= MAX_REDIRECTS; count += 1) {
      const response = await open(at, signal, ca);
      const { statusCode = 0, headers } = response;
      if (statusCode === 200) return await readText(response);
      response.destroy();
      if (statusCode < 300 || statusCode > 399 || headers.location === undefined)
        throw new Error(`the server answered ${statusCode}`);
      at = new URL(headers.location, at).href;
      if (!at.startsWith("https:")) throw new Error("it leads to a place without TLS");
    }
    throw new Error("it leads from one place to another without an end");
  } catch (cause) {
    stop.throwIfAborted();
    throw new ApiclientError("apiclient.download", `Cannot load "${url}"`, {
      cause,
      exitCode: EXIT.unavailable,
    });
  }
}

function open(url: string, signal: AbortSignal, ca: string | undefined): Promise<IncomingMessage> {
  const trust = ca === undefined ? {} : { ca: [...getCACertificates(), ca] };
  return new Promise((resolve, reject) => {
    get(url, { signal, agent: false, ...trust }, resolve).on("error", reject);
  });
}

async function readText(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of response) {
    const bytes = Buffer.from(chunk);
    length += bytes.length;
    if (length > MAX_BYTES) throw new Error(`it is longer than ${MAX_BYTES} bytes`);
    chunks.push(bytes);
  }
  return Buffer.concat(chunks).toString("utf8");
}
