import { readFile } from "node:fs/promises";
import { basename } from "node:path";
import { execa } from "execa";
import { beforeAll, describe, expect, it } from "vitest";
import { addClient } from "./add-client.ts";
import { RootTree } from "./entry.ts";

const FOLDER = "usr/lib/ballast/client/";
const LIBRARIES = "usr/lib/x86_64-linux-gnu";
const LAUNCHER = Buffer.from("launcher");

/** A program of this machine in the place of ours, and what the dynamic linker loads for it: name and path. */
let program: Buffer;
let loaded: Map<string, string>;

beforeAll(async () => {
  program = await readFile("/usr/bin/tar");
  const { stdout } = await execa("ldd", ["/usr/bin/tar"]);
  const paths = [...stdout.matchAll(/(\/\S+) \(/g)].map((match) => match[1]!);
  loaded = new Map(paths.map((path) => [basename(path), path]));
});

/** A root with the program, the libraries but one, and one that nobody needs. */
async function root(leftOut?: string): Promise<RootTree> {
  const tree = new RootTree();
  tree.addFile("usr/bin/ballast", program, "runtime", 0o755);
  tree.addFile(`${LIBRARIES}/libunused.so.1`, program, "package:unused");
  for (const [name, path] of loaded)
    if (name !== leftOut) {
      // As packages have it: the name that programs ask for is a link.
      tree.addFile(`${LIBRARIES}/${name}.0.0`, await readFile(path), "package:lib");
      tree.addLink(`${LIBRARIES}/${name}`, `${name}.0.0`, "package:lib");
    }
  return tree;
}

describe("addClient()", () => {
  it("adds the program, the launcher and exactly what the dynamic linker loads, as the same files", async () => {
    const tree = await root();
    addClient(tree, LAUNCHER);
    const entries = tree.sorted().filter(({ path }) => path.startsWith(FOLDER));
    expect(entries.map(({ path }) => path.slice(FOLDER.length))).toEqual(
      ["apiclient", "ballast", ...loaded.keys()].toSorted(),
    );
    expect(tree.get(`${FOLDER}ballast`)?.data).toBe(program);
    expect(tree.get(`${FOLDER}libc.so.6`)?.data).toBe(tree.get(`${LIBRARIES}/libc.so.6.0.0`)?.data);
  });

  it("names the library that is not in the root", async () => {
    const tree = await root("libc.so.6");
    expect(() => {
      addClient(tree, LAUNCHER);
    }).toThrow(`"${LIBRARIES}/libc.so.6" is not in the root`);
  });
});
