import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { readImageUser } from "./image-user.ts";
import { readImageFile, type LayerMount } from "./read-image-file.ts";

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "ballast-layers-"));
});

afterEach(async () => {
  await rm(folder, { recursive: true });
});

/** Layers by name, topmost first, and what overlayfs would be told of them. */
async function layers(
  ...contents: readonly Readonly<Record<string, string>>[]
): Promise<LayerMount[]> {
  const paths = await Promise.all(
    contents.map(async (files, index) => {
      const layer = join(folder, String(index));
      await mkdir(layer, { recursive: true });
      for (const [path, text] of Object.entries(files)) {
        await mkdir(dirname(join(layer, path)), { recursive: true });
        await writeFile(join(layer, path), text);
      }
      return layer;
    }),
  );
  const options = ["index=off", `lowerdir=${paths.join(":")}`];
  return [{ type: "overlay", source: "overlay", options }];
}

const PATH = "/etc/passwd";

describe("readImageFile()", () => {
  it("reads the topmost", async () => {
    const mounts = await layers({ "etc/other": "" }, { "etc/passwd": "b" }, { "etc/passwd": "c" });
    expect(await readImageFile(mounts, PATH)).toBe("b");
  });

  it("looks at what the container changed first", async () => {
    const [mount] = await layers({ "etc/passwd": "below" }, { "etc/passwd": "above" });
    const options = [
      `upperdir=${join(folder, "1")}`,
      `lowerdir=${join(folder, "0")}`,
      "workdir=/w",
    ];
    const changed = { ...mount, type: "overlay", source: "overlay", options };
    expect(await readImageFile([changed], PATH)).toBe("above");
  });

  it("reads an image of one layer, which is no overlay", async () => {
    await layers({ "etc/passwd": "one" });
    const bind = { type: "bind", source: join(folder, "0"), options: ["ro", "rbind"] };
    expect(await readImageFile([bind], PATH)).toBe("one");
  });

  it("finds nothing where there is nothing", async () => {
    expect(await readImageFile(await layers({}, { "etc/group": "" }), PATH)).toBeUndefined();
  });

  it("refuses links, also in the path", async () => {
    const outside = join(folder, "outside");
    await mkdir(outside);
    await writeFile(join(outside, "passwd"), "root:x:0:0");
    const mounts = await layers({ "other/x": "" });
    await symlink(outside, join(folder, "0/etc"));
    await symlink(join(outside, "passwd"), join(folder, "0/other/passwd"));
    await expect(readImageFile(mounts, PATH)).rejects.toThrow('"/etc" is a symbolic link');
    await expect(readImageFile(mounts, "/other/passwd")).rejects.toThrow(
      '"/other/passwd" is a symbolic link',
    );
  });

  it("refuses what is no file, and one that is too large", async () => {
    const mounts = await layers({ "etc/passwd/x": "", "etc/group": "x".repeat((1 << 20) + 1) });
    await expect(readImageFile(mounts, PATH)).rejects.toMatchObject({
      code: "containerd.bad-file",
      message: 'Cannot read "/etc/passwd" of the image: "/etc/passwd" is a folder',
    });
    await expect(readImageFile(mounts, "/etc/group")).rejects.toThrow("larger than 1048576 bytes");
    await expect(readImageFile(mounts, "/etc/passwd/x/y")).rejects.toThrow('x" is a file');
  });

  it("refuses mounts that it does not know", async () => {
    const mounts = [{ type: "erofs", source: "/dev/loop0", options: [] }];
    await expect(readImageFile(mounts, PATH)).rejects.toThrow('no folders but "erofs"');
  });
});

describe("readImageUser()", () => {
  it("reads accounts, and not where numbers say all", async () => {
    const mounts = await layers({ "etc/passwd": "app:x:7:8::", "etc/group": "web:x:9:app\n" });
    expect(await readImageUser("app", mounts)).toEqual({ uid: 7, gid: 8, additionalGids: [8, 9] });
    expect(await readImageUser("1:2", [])).toEqual({ uid: 1, gid: 2, additionalGids: [2] });
  });
});
