import { mkdtemp, open, rm, writeFile } from "node:fs/promises";
import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { createMemoryClock } from "@ballast/system";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { BundleFetcher } from "../bundle/bundle-fetcher.ts";
import { writeBundle } from "../repository/write-bundle.ts";
import { fetchAll, type Fetcher, type FetchOptions } from "./fetcher.ts";
import { FileFetcher } from "./file-fetcher.ts";
import { HttpFetcher } from "./http-fetcher.ts";
import { RetryingFetcher } from "./retrying-fetcher.ts";

const CONTENT = Buffer.from(Array.from({ length: 300_000 }, (_, index) => index % 251));

/** How the same content is named in a bundle, which holds nothing but a repository. */
const BUNDLED = `targets/${"0".repeat(64)}.content`;

let folder: string;
let base: URL;
let answer: (request: IncomingMessage, response: ServerResponse) => void;
const server = createServer((request, response) => {
  answer(request, response);
});
const http = new HttpFetcher({ userAgent: "test/1", patienceMs: 300 });

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "fetcher-"));
  await writeFile(join(folder, "content"), CONTENT);
  await using bundle = await open(join(folder, "bundle.tar"), "w");
  await writeBundle(
    bundle,
    [{ name: BUNDLED, path: join(folder, "content"), sizeBytes: CONTENT.length }],
    { onProgress: () => undefined, signal: new AbortController().signal },
  );
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("It has no port");
  base = new URL(`http://127.0.0.1:${address.port}/`);
});
afterAll(async () => {
  http.close();
  server.closeAllConnections();
  server.close();
  await rm(folder, { recursive: true });
});

/** As a static file server does. */
function serve(request: IncomingMessage, response: ServerResponse): void {
  if (request.url !== "/content") {
    response.writeHead(404).end();
    return;
  }
  const range = /^bytes=(\d+)-(\d+)$/.exec(request.headers.range ?? "");
  if (range === null) {
    response.end(CONTENT);
    return;
  }
  const [from, to] = [Number(range[1]), Math.min(Number(range[2]), CONTENT.length - 1)];
  response.writeHead(206, { "content-range": `bytes ${from}-${to}/${CONTENT.length}` });
  response.end(CONTENT.subarray(from, to + 1));
}

async function outcome(
  fetcher: Fetcher,
  url: URL,
  options: FetchOptions,
): Promise<string | Buffer> {
  try {
    return await fetchAll(fetcher, url, options);
  } catch (error) {
    return error instanceof Error && "code" in error ? String(error.code) : String(error);
  }
}

/** One that opens the bundle when it is asked, as the others open files and connections. */
const bundleFetcher: Fetcher = {
  async *fetch(url, options) {
    await using fetcher = await BundleFetcher.open(join(folder, "bundle.tar"));
    const name = url.pathname.replace(/^\/content$/, `/${BUNDLED}`);
    yield* fetcher.fetch(new URL(`bundle://${name}`), options);
  },
};

describe.each<[string, () => Fetcher, () => URL]>([
  ["FileFetcher", () => new FileFetcher(), () => pathToFileURL(`${folder}/`)],
  ["BundleFetcher", () => bundleFetcher, () => new URL("bundle:///")],
  ["HttpFetcher", () => http, () => base],
  ["RetryingFetcher", () => new RetryingFetcher(http, createMemoryClock()), () => base],
])("%s", (_name, make, where) => {
  const get = (name: string, options: FetchOptions) => {
    answer = serve;
    return outcome(make(), new URL(name, where()), options);
  };
  it("hands out all, a part, and no more than is allowed", async () => {
    expect(CONTENT.equals(Buffer.from(await get("content", { maxBytes: 300_000 })))).toBe(true);
    const range = { offset: 1000, sizeBytes: 70_000 };
    const part = await get("content", { maxBytes: 70_000, range });
    expect(CONTENT.subarray(1000, 71_000).equals(Buffer.from(part))).toBe(true);
    expect(await get("content", { maxBytes: 299_999 })).toBe("tuf.too-long");
  });
  it("says what is not there, and what is shorter than was said", async () => {
    expect(await get("nothing", { maxBytes: 10 })).toBe("tuf.not-found");
    const range = { offset: 299_000, sizeBytes: 2000 };
    expect(await get("content", { maxBytes: 2000, range })).toBe("tuf.bad-answer");
  });
  it("ends with the signal's reason", async () => {
    const signal = AbortSignal.abort(new Error("enough"));
    expect(await get("content", { maxBytes: 300_000, signal })).toBe("Error: enough");
  });
});

describe("HttpFetcher", () => {
  const get = (reply: typeof answer, options: Partial<FetchOptions> = {}) => {
    answer = reply;
    return outcome(http, new URL("content", base), { maxBytes: 1000, ...options });
  };
  const RANGE = { range: { offset: 5, sizeBytes: 5 } };

  it("tells who it is, and wants the bytes as they are", async () => {
    let headers: IncomingMessage["headers"] = {};
    await get((request, response) => {
      headers = request.headers;
      response.end("x");
    });
    expect(headers).toMatchObject({ "user-agent": "test/1", "accept-encoding": "identity" });
  });

  it.each([
    [200, "tuf.no-ranges", RANGE],
    [403, "tuf.not-found", {}],
    [404, "tuf.not-found", RANGE],
    [416, "tuf.bad-answer", RANGE],
    [429, "tuf.unreachable", {}],
    [400, "tuf.bad-answer", {}],
    [500, "tuf.unreachable", {}],
    [503, "tuf.unreachable", RANGE],
    [206, "tuf.bad-answer", {}],
  ])("takes a %d for %s", async (status, code, options) => {
    expect(await get((_, response) => response.writeHead(status).end("x"), options)).toBe(code);
  });

  it("refuses another part than it asked for", async () => {
    const reply: typeof answer = (_, response) =>
      response.writeHead(206, { "content-range": "bytes 0-4/10" }).end("01234");
    expect(await get(reply, RANGE)).toBe("tuf.bad-answer");
  });

  it("follows some redirects, no loop, and nothing that is no web address", async () => {
    expect(
      String(
        await get((request, response) => {
          if (request.url === "/content") response.writeHead(302, { location: "/other" }).end();
          else response.end("other");
        }),
      ),
    ).toBe("other");
    const to = (location: string) =>
      get((_, response) => response.writeHead(302, { location }).end());
    expect(await to("/content")).toBe("tuf.bad-answer");
    expect(await to("file:///etc/passwd")).toBe("tuf.bad-answer");
    expect(await to("http://[")).toBe("tuf.bad-answer");
  });

  it("gives up on a server that says nothing, that stops, that drips, or that never ends", async () => {
    expect(await get(() => undefined)).toBe("tuf.slow");
    expect(await get((_, response) => response.write("x"))).toBe("tuf.slow");
    const timers: NodeJS.Timeout[] = [];
    const drip: typeof answer = (_, response) => {
      timers.push(setInterval(() => response.write("x"), 20));
    };
    expect(await get(drip, { maxBytes: 100_000 })).toBe("tuf.slow");
    for (const timer of timers) clearInterval(timer);
    const flood: typeof answer = (_, response) => {
      const more = (): void => {
        while (!response.destroyed && response.write(CONTENT));
        if (!response.destroyed) response.once("drain", more);
      };
      more();
    };
    expect(await get(flood, { maxBytes: 1_000_000 })).toBe("tuf.too-long");
  });

  it("is patient with a reader that takes its time", async () => {
    answer = (_, response) => response.end(CONTENT);
    let sizeBytes = 0;
    for await (const part of http.fetch(new URL("content", base), { maxBytes: 300_000 })) {
      if (sizeBytes === 0) await new Promise((resolve) => setTimeout(resolve, 900));
      sizeBytes += part.length;
    }
    expect(sizeBytes).toBe(300_000);
  });

  it("notices a cut, and a server that is not there", async () => {
    const cut: typeof answer = (_, response) => {
      response.writeHead(200, { "content-length": "500" });
      response.write("x", () => response.destroy());
    };
    expect(await get(cut)).toBe("tuf.unreachable");
    expect(await outcome(http, new URL("http://127.0.0.1:1/"), { maxBytes: 10 })).toBe(
      "tuf.unreachable",
    );
    expect(await outcome(http, new URL("ftp://127.0.0.1/"), { maxBytes: 10 })).toBe(
      "tuf.bad-answer",
    );
  });
});

describe("RetryingFetcher", () => {
  it.each([undefined, { offset: 7, sizeBytes: 299_000 }])(
    "goes on where a cut was: %j",
    async (range) => {
      const asked: (string | undefined)[] = [];
      answer = (request, response) => {
        asked.push(request.headers.range);
        if (asked.length > 3) {
          serve(request, response);
          return;
        }
        const from = Number(/\d+/.exec(request.headers.range ?? "0")?.[0]);
        const end = from + 70_000;
        const last = range === undefined ? CONTENT.length - 1 : range.offset + range.sizeBytes - 1;
        response.writeHead(range === undefined ? 200 : 206, {
          "content-range": `bytes ${from}-${last}/${CONTENT.length}`,
          "content-length": String(last + 1 - from),
        });
        response.write(CONTENT.subarray(from, end), () => response.destroy());
      };
      const fetcher = new RetryingFetcher(http, createMemoryClock(), () => 0);
      const options = { maxBytes: 300_000, ...(range === undefined ? {} : { range }) };
      const got = await fetchAll(fetcher, new URL("content", base), options);
      const wanted = range === undefined ? CONTENT : CONTENT.subarray(7, 299_007);
      expect(wanted.equals(got)).toBe(true);
      expect(asked).toHaveLength(4);
    },
  );

  it("waits longer each time, and gives up", async () => {
    let count = 0;
    answer = (_, response) => {
      count += 1;
      response.writeHead(503).end();
    };
    const clock = createMemoryClock();
    const start = clock.now();
    const fetcher = new RetryingFetcher(http, clock, () => 0);
    expect(await outcome(fetcher, new URL("content", base), { maxBytes: 10 })).toBe(
      "tuf.unreachable",
    );
    expect(count).toBe(5);
    expect(clock.now().since(start).total("milliseconds")).toBe(500 + 1000 + 2000 + 4000);
  });

  it("gives up on a server that cuts after each byte, and asks once for what is not there", async () => {
    let count = 0;
    answer = (_, response) => {
      count += 1;
      response.writeHead(200, { "content-length": "1000" });
      response.write("x", () => response.destroy());
    };
    const fetcher = new RetryingFetcher(http, createMemoryClock(), () => 0);
    expect(await outcome(fetcher, new URL("content", base), { maxBytes: 1000 })).toBe(
      "tuf.unreachable",
    );
    expect(count).toBe(5);
    answer = (_, response) => {
      count += 1;
      response.writeHead(404).end();
    };
    expect(await outcome(fetcher, new URL("content", base), { maxBytes: 10 })).toBe(
      "tuf.not-found",
    );
    expect(count).toBe(6);
  });
});
