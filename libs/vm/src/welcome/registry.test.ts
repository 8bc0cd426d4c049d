import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { createHash } from "node:crypto";
import { request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buffer } from "node:stream/consumers";
import { afterAll, beforeAll, expect, it } from "vitest";
import { runTool } from "../run-tool.ts";
import { readImageArchive, type ImageArchive } from "./image-archive.ts";
import { startRegistry, type Registry } from "./registry.ts";

const LAYER = Buffer.from("layer");
const MANIFEST = Buffer.from('{"schemaVersion":2}');
const digestOf = (blob: Buffer): string =>
  `sha256:${createHash("sha256").update(blob).digest("hex")}`;

let directory: string;
let image: ImageArchive;
let registry: Registry;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "ballast-registry-"));
  const blobs = join(directory, "layout/blobs/sha256");
  await mkdir(blobs, { recursive: true });
  for (const blob of [LAYER, MANIFEST])
    await writeFile(join(blobs, digestOf(blob).slice("sha256:".length)), blob);
  const index = JSON.stringify({ manifests: [{ digest: digestOf(MANIFEST) }] });
  await writeFile(join(directory, "layout/index.json"), index);
  const archive = join(directory, "image.tar");
  await runTool("tar", ["-cf", archive, "-C", join(directory, "layout"), "."]);
  image = await readImageArchive(archive);
  registry = await startRegistry(image);
});

afterAll(async () => {
  await registry[Symbol.asyncDispose]();
  await rm(directory, { recursive: true, force: true });
});

async function ask(path: string, method = "GET") {
  const { promise, resolve, reject } = Promise.withResolvers<{
    status: number | undefined;
    headers: NodeJS.Dict<string | string[]>;
    body: string;
  }>();
  const asked = request({ host: "127.0.0.1", port: registry.port, path, method, agent: false });
  asked.on("error", reject).on("response", (response) => {
    buffer(response).then((body) => {
      resolve({ status: response.statusCode, headers: response.headers, body: String(body) });
    }, reject);
  });
  asked.end();
  return promise;
}

it("gives the manifest by tag and by digest, with its type and digest", async () => {
  expect(image.digest).toBe(digestOf(MANIFEST));
  for (const reference of ["1", `${image.digest}?ns=welcome.ballast.local`])
    expect(await ask(`/v2/welcome/manifests/${reference}`)).toMatchObject({
      status: 200,
      headers: {
        "content-type": "application/vnd.oci.image.manifest.v1+json",
        "docker-content-digest": image.digest,
      },
      body: String(MANIFEST),
    });
});

it("tells the length of what it gives without giving it", async () => {
  expect(await ask("/v2/welcome/manifests/1", "HEAD")).toMatchObject({
    status: 200,
    headers: { "content-length": String(MANIFEST.length) },
    body: "",
  });
});

it("gives blobs, and says that it is a registry", async () => {
  expect(await ask(`/v2/welcome/blobs/${digestOf(LAYER)}`)).toMatchObject({ body: "layer" });
  expect(await ask("/v2/")).toMatchObject({ status: 200, body: "{}" });
});

it.each([
  "/",
  "/v2/welcome/manifests/2",
  "/v2/welcome/blobs/1",
  `/v2/welcome/manifests/${digestOf(LAYER)}`,
  `/v2/other/manifests/1`,
  "/v2/welcome/blobs/../../../../etc/passwd",
  "/v2/welcome/blobs/sha256:%2e%2e",
])("has no %s", async (path) => {
  expect(await ask(path)).toMatchObject({ status: 404 });
});

it.each(["POST", "PUT", "PATCH", "DELETE"])("takes nothing: %s", async (method) => {
  expect(await ask("/v2/welcome/manifests/1", method)).toMatchObject({ status: 405 });
});
