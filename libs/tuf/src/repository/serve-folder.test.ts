import { once } from "node:events";
import {
  appendFile,
  mkdir,
  mkdtemp,
  rename,
  rm,
  symlink,
  truncate,
  writeFile,
} from "node:fs/promises";
import { request, type IncomingHttpHeaders } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { serveFolder, type Answered, type FolderServer } from "./serve-folder.ts";

const CONTENT = Buffer.from(Array.from({ length: 1000 }, (_, index) => index % 251));
const HASHED = `${"a".repeat(64)}.x.zst`;
const answered: Answered[] = [];
let base: string;
let server: FolderServer;
const at = (...names: string[]) => join(base, "repository", ...names);

beforeAll(async () => {
  base = await mkdtemp(join(tmpdir(), "serve-"));
  await mkdir(at("targets"), { recursive: true });
  await writeFile(join(base, "secret"), "secret");
  await writeFile(at("targets", HASHED), CONTENT);
  await writeFile(at("targets", "empty"), "");
  await writeFile(at("timestamp.json"), "{}");
  await writeFile(at(".draft"), "half");
  await symlink(join(base, "secret"), at("leads-out"));
  await symlink("targets", at("leads-around"));
  server = await serveFolder(at(), { onAnswer: (answer) => answered.push(answer) });
});
afterAll(async () => {
  await server[Symbol.asyncDispose]();
  await rm(base, { recursive: true });
});

interface Reply {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

/** As it stands: no client in between puts the path in order. */
async function ask(
  path: string,
  headers: Readonly<Record<string, string>> = {},
  method = "GET",
): Promise<Reply> {
  const sent = request({ host: "127.0.0.1", port: server.url.port, path, method, headers });
  sent.end();
  const [response] = await once(sent, "response");
  const body = Buffer.concat(await Array.fromAsync<Buffer>(response));
  return { status: response.statusCode, headers: response.headers, body };
}

const FILE = `/targets/${HASHED}`;

describe("serveFolder", () => {
  it("hands out files, with what caches must know", async () => {
    const fixed = await ask(FILE);
    expect(fixed).toMatchObject({ status: 200, body: CONTENT });
    expect(fixed.headers).toMatchObject({
      "accept-ranges": "bytes",
      "cache-control": "public, max-age=31536000, immutable",
      "content-length": "1000",
      "content-type": "application/zstd",
    });
    const timestamp = await ask("/timestamp.json?cache=no");
    expect(timestamp.headers).toMatchObject({
      "cache-control": "no-cache",
      "content-type": "application/json",
    });
    // A next root that is not there yet must not stay away.
    expect((await ask("/metadata/2.root.json")).headers["cache-control"]).toBe("no-store");
    expect((await ask("/targets/empty")).headers["content-length"]).toBe("0");
    expect((await ask(`/leads-around/${HASHED}`)).status).toBe(200);
  });

  it("tells of a file to HEAD, and takes no other method", async () => {
    const head = await ask(FILE, { range: "bytes=0-9" }, "HEAD");
    expect(head).toMatchObject({ status: 200, body: Buffer.alloc(0) });
    expect(head.headers["content-length"]).toBe("1000");
    for (const method of ["POST", "PUT", "DELETE", "OPTIONS"]) {
      const refused = await ask(FILE, {}, method);
      expect(refused).toMatchObject({ status: 405, headers: { allow: "GET, HEAD" } });
    }
  });

  it("answers exactly the bytes that are asked for", async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(1100), fc.nat(1100), async (first, length) => {
        const { status, headers, body } = await ask(FILE, {
          range: `bytes=${first}-${first + length}`,
        });
        expect(body).toEqual(
          first < 1000 ? CONTENT.subarray(first, first + length + 1) : Buffer.alloc(0),
        );
        expect(status).toBe(first < 1000 ? 206 : 416);
        expect(headers["content-range"]).toBe(
          first < 1000 ? `bytes ${first}-${Math.min(999, first + length)}/1000` : "bytes */1000",
        );
      }),
      { numRuns: 50 },
    );
  });

  it.each([
    ["bytes=990-", 206, CONTENT.subarray(990)],
    ["bytes=-10", 206, CONTENT.subarray(990)],
    ["bytes=-5000", 206, CONTENT],
    ["bytes=-0", 416, Buffer.alloc(0)],
    ["bytes=1000-", 416, Buffer.alloc(0)],
    // No range of bytes, or several: all of it.
    ["bytes=9-3", 200, CONTENT],
    ["bytes=-", 200, CONTENT],
    ["bytes=0-1,5-6", 200, CONTENT],
    ["bytes=0-x", 200, CONTENT],
    ["lines=0-1", 200, CONTENT],
    [`bytes=0-${"9".repeat(30)}`, 206, CONTENT],
  ])("takes the range %s", async (range, status, body) => {
    expect(await ask(FILE, { range })).toMatchObject({ status, body });
  });

  it("has no part of an empty file", async () => {
    expect((await ask("/targets/empty", { range: "bytes=0-0" })).status).toBe(416);
    expect((await ask("/targets/empty", { range: "bytes=-1" })).status).toBe(416);
  });

  it("gives a part only to whom has the rest of the same file", async () => {
    const { etag = "", "last-modified": modified = "" } = (await ask(FILE)).headers;
    const range = "bytes=0-9";
    const status = async (condition: string) =>
      (await ask(FILE, { range, "if-range": condition })).status;
    expect(await status(etag)).toBe(206);
    expect(await status(modified)).toBe(206);
    expect(await status(`W/${etag}`)).toBe(200);
    expect(await status('"another"')).toBe(200);
    expect(await status("Thu, 01 Jan 1970 00:00:00 GMT")).toBe(200);
  });

  it("sends nothing to whom has it, until it is another", async () => {
    const { etag = "", "last-modified": modified = "" } = (await ask("/timestamp.json")).headers;
    const status = async (headers: Record<string, string>) =>
      (await ask("/timestamp.json", headers)).status;
    expect(await status({ "if-none-match": `"x", W/${etag}` })).toBe(304);
    expect(await status({ "if-none-match": "*" })).toBe(304);
    expect(await status({ "if-modified-since": modified })).toBe(304);
    expect(await status({ "if-modified-since": "Thu, 01 Jan 1970 00:00:00 GMT" })).toBe(200);
    // The tag decides where both are there.
    expect(await status({ "if-none-match": '"x"', "if-modified-since": modified })).toBe(200);
    await writeFile(at("draft"), "[]");
    await rename(at("draft"), at("timestamp.json"));
    expect(await status({ "if-none-match": etag })).toBe(200);
  });

  it.each([
    "/../secret",
    "/targets/../../secret",
    "/%2e%2e/secret",
    "/..%2fsecret",
    "/targets/%2e%2e%2f%2e%2e%2fsecret",
    "//secret",
    "/..\\secret",
    "/leads-out",
    "/.draft",
    "/targets",
    "/targets/",
    "/",
    "/a%00b",
    "/%ff",
    "/%",
    `/${"x".repeat(300)}`,
    "*",
    "http://other.test/timestamp.json",
  ])("has nothing at %s", async (path) => {
    expect(await ask(path)).toMatchObject({ status: 404, body: Buffer.alloc(0) });
  });

  it("cuts the line when a file becomes shorter while it is read", async () => {
    await writeFile(at("shrinks"), "");
    await truncate(at("shrinks"), 200_000_000);
    const sent = request({ host: "127.0.0.1", port: server.url.port, path: "/shrinks" });
    sent.end();
    const [response] = await once(sent, "response");
    await truncate(at("shrinks"), 0);
    await expect(Array.fromAsync(response)).rejects.toMatchObject({ code: "ECONNRESET" });
    await appendFile(at("shrinks"), "again");
    expect(String((await ask("/shrinks")).body)).toBe("again");
  });

  it("tells each answer", async () => {
    answered.length = 0;
    await ask(FILE, { range: "bytes=0-9" });
    await ask("/nothing", {}, "HEAD");
    expect(answered).toEqual([
      { method: "GET", target: FILE, status: 206, sizeBytes: 10 },
      { method: "HEAD", target: "/nothing", status: 404, sizeBytes: 0 },
    ]);
  });

  it("refuses a port that somebody else has, and a folder that is not there", async () => {
    await expect(serveFolder(at(), { port: Number(server.url.port) })).rejects.toMatchObject({
      code: "EADDRINUSE",
    });
    await expect(serveFolder(at("nothing"), {})).rejects.toMatchObject({ code: "ENOENT" });
  });
});
