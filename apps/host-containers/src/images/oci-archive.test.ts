import { createHash } from "node:crypto";
import { expect, it } from "vitest";
import { readOciArchive } from "./oci-archive.ts";

function digestOf(text: string): string {
  return `sha256:${createHash("sha256").update(text).digest("hex")}`;
}

function describe(mediaType: string, text: string) {
  return { mediaType, digest: digestOf(text), size: text.length };
}

function tar(files: Readonly<Record<string, string>>): Buffer {
  const blocks = Object.entries(files).flatMap(([name, text]) => {
    const head = Buffer.alloc(512);
    head.write(name);
    head.write(text.length.toString(8).padStart(11, "0"), 124);
    return [head, Buffer.from(text.padEnd(Math.ceil(text.length / 512) * 512, "\0"))];
  });
  return Buffer.concat([...blocks, Buffer.alloc(1024)]);
}

const config = "{}";
const layer = "layer".repeat(200);
const manifest = JSON.stringify({
  config: describe("c", config),
  layers: [describe("l", layer)],
});
const target = describe("m", manifest);
const FILES = {
  "oci-layout": "{}",
  "index.json": JSON.stringify({ manifests: [target] }),
  [`blobs/${digestOf(config).replace(":", "/")}`]: config,
  [`blobs/${digestOf(layer).replace(":", "/")}`]: layer,
  [`blobs/${target.digest.replace(":", "/")}`]: manifest,
};

it("gives the image and its parts", () => {
  const image = readOciArchive(tar(FILES), "/a");
  expect(image.target).toEqual(target);
  expect(image.parts).toEqual([digestOf(config), digestOf(layer)]);
  expect(Buffer.from(image.blobs.get(digestOf(layer)) ?? []).toString()).toBe(layer);
  expect(image.blobs.size).toBe(3);
});

it.each([
  ["nothing", {}, '"index.json" is not JSON'],
  ["no image", { ...FILES, "index.json": "{}" }, "it has no image"],
  [
    "a part less",
    { ...FILES, [`blobs/${digestOf(layer).replace(":", "/")}`]: undefined },
    "it has no",
  ],
  [
    "a changed part",
    { ...FILES, [`blobs/${digestOf(layer).replace(":", "/")}`]: "x" },
    "has another content",
  ],
])("refuses %s", (_what, files, reason) => {
  const there = Object.entries(files).flatMap(([name, text]) =>
    text === undefined ? [] : [[name, text] as const],
  );
  expect(() => readOciArchive(tar(Object.fromEntries(there)), "/a")).toThrow(reason);
});
