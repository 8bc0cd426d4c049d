import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer, type Server } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { issueServer, type ServerIdentity } from "@ballast/testkit";
import { HttpFetcher } from "@ballast/tuf";
import { publish, startWorld, type Answer, type World } from "@ballast/tuf/fixture";
import { outcomeOf } from "./both-clients.ts";

/** What only a server can do, and no folder: time, endlessness, redirects, TLS. The other client's fetcher is left out. */
let world: World;
beforeEach(async () => {
  world = await startWorld(publish());
});
afterEach(async () => {
  await world[Symbol.asyncDispose]();
});

const PATHS = ["/metadata/2.root.json", "/metadata/timestamp.json", "/metadata/1.snapshot.json"];
const answer = (path: string, reply: Answer) => world.answers.set(path, reply);

describe.each(PATHS)("a server that misbehaves at %s", (path) => {
  it("never answers", async () => {
    answer(path, () => undefined);
    expect(await outcomeOf(world.client())).toBe("tuf.slow");
  });

  it("drips", async () => {
    const timers: NodeJS.Timeout[] = [];
    answer(path, (_, response) => timers.push(setInterval(() => response.write(" "), 50)));
    const start = performance.now();
    expect(await outcomeOf(world.client())).toBe("tuf.slow");
    expect(performance.now() - start).toBeLessThan(10_000);
    for (const timer of timers) clearInterval(timer);
  });

  it("never ends", async () => {
    let sentBytes = 0;
    answer(path, (_, response) => {
      const piece = Buffer.alloc(64 * 1024, " ");
      const more = (): void => {
        while (!response.destroyed && response.write(piece)) sentBytes += piece.length;
        if (!response.destroyed) response.once("drain", more);
      };
      more();
    });
    expect(await outcomeOf(world.client())).toBe("tuf.too-long");
    // Nothing is read beyond the limit but what was on its way.
    expect(sentBytes).toBeLessThan(16 * 1024 * 1024);
  });

  it("leads in a circle, to a file, and along a way that is too long", async () => {
    const to = (location: string) => {
      answer(path, (_, response) => response.writeHead(302, { location }).end());
      return outcomeOf(world.client());
    };
    expect(await to(path)).toBe("tuf.bad-answer");
    expect(await to("file:///etc/passwd")).toBe("tuf.bad-answer");
    for (let hop = 0; hop < 6; hop++)
      answer(`/hop-${hop}`, (_, response) =>
        response.writeHead(302, { location: hop === 5 ? path : `/hop-${hop + 1}` }).end(),
      );
    expect(await to("/hop-0")).toBe("tuf.bad-answer");
  });
});

describe("TLS", () => {
  let folder: string;
  let identity: ServerIdentity;
  let server: Server;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "tls-"));
    identity = await issueServer(folder, ["localhost"]);
    const { cert, key } = identity;
    server = createServer({ cert, key }, (request, response) => {
      const body = world.files.get(request.url ?? "");
      response.writeHead(body === undefined ? 404 : 200).end(body);
    });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
  });
  afterEach(async () => {
    server.closeAllConnections();
    server.close();
    await rm(folder, { recursive: true });
  });

  const through = async (ca: string | undefined, host = "localhost"): Promise<string> => {
    const address = server.address();
    const port = typeof address === "object" ? address?.port : undefined;
    const base = `https://${host}:${port}`;
    const fetcher = new HttpFetcher({ userAgent: "test", ...(ca === undefined ? {} : { ca }) });
    try {
      const metadataUrl = new URL("/metadata/", base);
      const targetsUrl = new URL("/targets/", base);
      return await outcomeOf(world.client({ metadataUrl, targetsUrl, fetcher }), "a.txt");
    } finally {
      fetcher.close();
    }
  };

  it("trusts the authority that the machine is told, for the names that it certified", async () => {
    expect(await through(identity.ca)).toBe("trusted");
    expect(await through(identity.ca, "127.0.0.1")).toBe("tuf.unreachable");
  });

  it("trusts no other authority, and is refused before anything is asked", async () => {
    const asked: string[] = [];
    server.on("request", ({ url }) => asked.push(String(url)));
    const other = await mkdtemp(join(folder, "other-"));
    const foreign = await issueServer(other, ["localhost"]);
    expect(await through(foreign.ca)).toBe("tuf.unreachable");
    expect(await through(undefined)).toBe("tuf.unreachable");
    expect(asked).toEqual([]);
  });

  it("is never led from https to http", async () => {
    server.removeAllListeners("request");
    server.on("request", (_, response) => {
      response.writeHead(302, { location: world.url("/metadata/timestamp.json").href }).end();
    });
    expect(await through(identity.ca)).toBe("tuf.bad-answer");
    expect(world.asked).toEqual([]);
  });
});
