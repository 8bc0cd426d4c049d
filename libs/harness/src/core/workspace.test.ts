import { access, glob, readFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { describe, expect, it } from "vitest";
import * as z from "zod";
import { REPOSITORY } from "./paths.ts";

const Manifest = z.object({
  name: z.string(),
  version: z.string(),
  description: z.string(),
  private: z.literal(true),
});
const Lock = z.object({
  packages: z.record(z.string(), z.object({ link: z.boolean().optional() })),
});

const folders: string[] = [];
for await (const file of glob("{apps,libs,images,tests}/*/package.json", { cwd: REPOSITORY }))
  folders.push(dirname(file));
folders.push("docs", "kernel");

async function read(...path: string[]): Promise<string> {
  return readFile(join(REPOSITORY, ...path), "utf8");
}

/** They hold keys that no machine may have. */
const MAINTAINERS_APPS: readonly string[] = ["apps/publisher"];

describe("the workspaces", () => {
  it("are all links in the lock: a registry can never answer for one of their names", async () => {
    const { packages } = Lock.parse(JSON.parse(await read("package-lock.json")));
    const names = Object.entries(packages).filter(([path]) =>
      path.startsWith("node_modules/@ballast/"),
    );
    expect(names).toHaveLength(folders.length);
    for (const [path, entry] of names)
      expect({ path, link: entry.link }).toEqual({ path, link: true });
  });

  it.each(folders)("%s has a README that says what its package.json says", async (folder) => {
    const { description } = Manifest.parse(JSON.parse(await read(folder, "package.json")));
    expect((await read(folder, "README.md")).replaceAll(/\s+/g, " ")).toContain(description);
  });

  it.each(folders.filter((folder) => folder.startsWith("apps/")))(
    "%s is in the image, or for where images are made",
    async (folder) => {
      const isInImage = (await read("images/standalone/image.ts")).includes(`"${folder}"`);
      expect(isInImage).toBe(!MAINTAINERS_APPS.includes(folder));
      await access(join(REPOSITORY, folder, "src/main.ts"));
      expect(basename(folder)).toMatch(/^[a-z-]+$/);
    },
  );
});
