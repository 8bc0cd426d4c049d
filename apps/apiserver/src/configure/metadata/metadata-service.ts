import type { Clock } from "@ballast/system";
import { SourceError } from "../source-error.ts";
import { exchange, unreachable, type Address } from "./exchange.ts";
import { retryPauseMs } from "./retry-pause.ts";

/** The instance metadata service (IMDS) of Amazon EC2, which each instance reaches at this link-local address. */
export const EC2_METADATA: Address = { host: "169.254.169.254", port: 80 };

export type MetadataAnswer =
  | { readonly found: true; readonly bytes: Buffer }
  | { readonly found: false; readonly reason: string };

export interface Metadata {
  /** What lies at this path. Rejects with a {@link SourceError}. */
  get(path: string, bounds: MetadataBounds, signal: AbortSignal): Promise<MetadataAnswer>;
}

export interface MetadataBounds {
  readonly maxBytes: number;
  /** For all attempts together: the network may still be on its way up. */
  readonly limitMs: number;
}

export interface MetadataParts {
  readonly address: Address;
  readonly clock: Clock;
  /** For one request and its answer. */
  readonly requestLimitMs?: number;
}

/** A token is used at once, for one question. */
const TOKEN_TTL_SECONDS = 60;
const TOKEN_MAX_BYTES = 1024;
const TOKEN_HEADER = "x-aws-ec2-metadata-token";
/** The first may be of a service that was started anew meanwhile. */
const TOKENS = 2;

/**
 * Version 2 of the protocol and never the first: a token by PUT, then each question with the token. Asks again, with
 * growing pauses, while nobody answers, and when the answer tells that the service itself has failed.
 */
export function createMetadata({ address, clock, requestLimitMs = 3000 }: MetadataParts): Metadata {
  return {
    get: async (path, { maxBytes, limitMs }, signal) => {
      const endMs = performance.now() + limitMs;
      const what = `Cannot get "${path}" from the metadata service of EC2`;
      let refusedTokens = 0;
      for (let attempt = 0; ; attempt += 1)
        try {
          const leftMs = Math.max(1, Math.ceil(endMs - performance.now()));
          const limit = Math.min(requestLimitMs, leftMs);
          const answer = await ask(address, path, maxBytes, limit, signal);
          if (answer !== "token refused") return answer;
          refusedTokens += 1;
          throw refusedTokens < TOKENS ? unreachable("the token is not accepted") : refusal(401);
        } catch (error) {
          if (!(error instanceof SourceError)) throw error;
          if (error.code !== "apiserver.source-unreachable")
            throw new SourceError(error.code, what, { cause: error });
          const pauseMs = retryPauseMs(attempt, Math.random());
          if (performance.now() + pauseMs >= endMs) {
            const inTime = `${what} within ${limitMs / 1000} s`;
            throw new SourceError(error.code, inTime, { cause: error });
          }
          await clock.sleep(pauseMs, signal);
        }
    },
  };
}

async function ask(
  address: Address,
  path: string,
  maxBytes: number,
  limitMs: number,
  signal: AbortSignal,
): Promise<MetadataAnswer | "token refused"> {
  const token = await fetchToken(address, limitMs, signal);
  if (token === undefined)
    return { found: false, reason: "the metadata service of this instance is turned off" };
  const wish = { method: "GET", path, headers: { [TOKEN_HEADER]: token }, maxBytes } as const;
  const { status, body } = await exchange(address, wish, limitMs, signal);
  if (status === 200) return { found: true, bytes: body };
  if (status === 404) return { found: false, reason: "this instance has none" };
  if (status === 401) return "token refused";
  throw refusal(status);
}

/** Undefined when the owner of the instance has turned the service off. */
async function fetchToken(
  address: Address,
  limitMs: number,
  signal: AbortSignal,
): Promise<string | undefined> {
  const wish = {
    method: "PUT",
    path: "/latest/api/token",
    headers: { "x-aws-ec2-metadata-token-ttl-seconds": String(TOKEN_TTL_SECONDS) },
    maxBytes: TOKEN_MAX_BYTES,
  } as const;
  const { status, body } = await exchange(address, wish, limitMs, signal);
  if (status === 403) return undefined;
  if (status !== 200) throw refusal(status);
  const token = body.toString("latin1");
  // It goes into a header.
  if (/^[\x21-\x7e]+$/.test(token)) return token;
  throw new SourceError("apiserver.source-bad-answer", "the token is not one word of ASCII");
}

function refusal(status: number): SourceError {
  const reason = `the answer has status ${status}`;
  if (status === 429 || status >= 500) return unreachable(reason);
  return new SourceError("apiserver.source-refused", reason);
}
