import { createHash } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { OciArchive } from "./oci-archive.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "ballast-archive-"));
});
afterAll(() => rm(folder, { recursive: true }));

function digestOf(text: string): string {
  return `sha256:${createHash("sha256").update(text).digest("hex")}`;
}

function part(mediaType: string, text: string, more: object = {}) {
  return { mediaType, digest: digestOf(text), size: text.length, ...more };
}

const blob = (text: string) => [`blobs/${digestOf(text).replace(":", "/")}`, text] as const;

function tar(files: Readonly<Record<string, string | undefined>>, prefix = ""): Buffer {
  const blocks = Object.entries(files).flatMap(([name, text]) => {
    if (text === undefined) return [];
    const head = Buffer.alloc(512);
    head.write(prefix + name);
    head.write(text.length.toString(8).padStart(11, "0"), 124);
    head.write("0", 156);
    return [head, Buffer.from(text.padEnd(Math.ceil(text.length / 512) * 512, "\0"))];
  });
  return Buffer.concat([...blocks, Buffer.alloc(1024)]);
}

async function openArchive(bytes: Buffer): Promise<OciArchive> {
  const path = join(folder, "archive.tar");
  await writeFile(path, bytes);
  return OciArchive.open(path);
}

const NAME = "registry.example.org/team/web:1";
const named = (name: string) => ({
  annotations: { "org.opencontainers.image.ref.name": name },
});

const config = "{}";
const layer = "layer".repeat(700_000);
const manifest = JSON.stringify({ config: part("c", config), layers: [part("l", layer)] });
const FILES = {
  "oci-layout": "{}",
  "index.json": JSON.stringify({ manifests: [part("m", manifest, named(NAME))] }),
  ...Object.fromEntries([config, layer, manifest].map(blob)),
};
const [LAYER] = blob(layer);
const [MANIFEST] = blob(manifest);

describe("OciArchive", () => {
  it("gives the image of a name and its parts, piece by piece", async () => {
    for (const prefix of ["", "./"]) {
      await using archive = await openArchive(tar(FILES, prefix));
      expect(await archive.references()).toEqual([NAME]);
      const { target, parts } = await archive.image(NAME);
      expect(target).toMatchObject(part("m", manifest));
      expect(parts).toEqual([part("c", config), part("l", layer)]);
      const pieces: Buffer[] = [];
      for await (const piece of archive.read(part("l", layer))) pieces.push(piece);
      expect(Math.max(...pieces.map(({ length }) => length))).toBeLessThanOrEqual(2 ** 20);
      expect(Buffer.concat(pieces).toString()).toBe(layer);
    }
  });

  it("takes of several images the one of this machine, and containerd's name before the other", async () => {
    const platform = (architecture: string) => ({ platform: { os: "linux", architecture } });
    const index = JSON.stringify({
      manifests: [part("m", "{}", platform("arm64")), part("m", manifest, platform("amd64"))],
    });
    const annotations = {
      "io.containerd.image.name": "docker.io/nginx:1",
      "org.opencontainers.image.ref.name": "1",
    };
    const files = {
      ...FILES,
      ...Object.fromEntries([blob(index)]),
      "index.json": JSON.stringify({ manifests: [part("i", index, { annotations })] }),
    };
    await using archive = await openArchive(tar(files));
    expect(await archive.references()).toEqual(["docker.io/library/nginx:1"]);
    expect((await archive.image("docker.io/library/nginx:1")).target).toMatchObject(
      part("m", manifest),
    );
  });

  it.each([
    ["nothing", {}, 'it has no "index.json"'],
    ["no JSON", { ...FILES, "index.json": "{" }, '"index.json" is not JSON'],
    ["no image", { ...FILES, "index.json": "{}" }, "it has no image"],
    ["a part less", { ...FILES, [LAYER]: undefined }, "it has no"],
    ["a part that is cut", { ...FILES, [LAYER]: "x" }, "has 1 bytes, must have 3500000"],
    [
      "a changed manifest",
      { ...FILES, [MANIFEST]: manifest.replace("c", "d") },
      "has another content",
    ],
    [
      "a digest that is a path",
      {
        ...FILES,
        "index.json": JSON.stringify({
          manifests: [{ ...part("m", manifest), digest: "../../etc", ...named(NAME) }],
        }),
      },
      "it has no image",
    ],
  ])("refuses %s", async (_what, files, reason) => {
    await using archive = await openArchive(tar(files));
    await expect(archive.image(NAME)).rejects.toThrow(reason);
  });

  it("refuses what is cut off, and what is no archive", async () => {
    await expect(openArchive(tar(FILES).subarray(0, 5000))).rejects.toThrow("it is cut off");
    await expect(openArchive(Buffer.alloc(4096, "x"))).rejects.toThrow("no tar archive");
  });
});
