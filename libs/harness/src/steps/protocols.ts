import { mkdir, mkdtemp, rename, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as z from "zod";
import { BuildError } from "../core/build-error.ts";
import { repositoryPath } from "../core/paths.ts";
import { runTool } from "../core/run-tool.ts";
import { fetchPackages, packageFile } from "../packages/fetch.ts";
import { readLock, type Lock } from "../packages/lock.ts";

/** Where Debian's packages of Go keep sources, and with them the descriptions of interfaces. */
const SOURCES = "usr/share/gocode/src";

const Definition = z.object({
  protocols: z.array(z.string()),
  annotations: z.array(z.string()),
});

/**
 * Makes the code of the interfaces that the workspace's `protocols.ts` names, from the descriptions in the locked packages:
 * JavaScript and its types in `dist/protocols`. Neither the descriptions nor the code are kept in the repository.
 */
export async function generateProtocols(workspace: string): Promise<void> {
  const { protocols, annotations } = Definition.parse(
    await import(join(workspace, "protocols.ts")),
  );
  const lock = await readLock();
  checkSameContainerd(lock);
  await fetchPackages(lock.suite, lock.protocols);
  const work = await mkdtemp(join(tmpdir(), "ballast-protocols-"));
  try {
    for (const item of lock.protocols)
      await runTool("dpkg-deb", ["--extract", packageFile(item), join(work, "packages")]);
    const directory = join(work, "packages", SOURCES);
    const out = join(work, "protocols");
    const template = {
      version: "v2",
      inputs: [
        {
          directory,
          paths: protocols.map((path) => join(directory, path)),
          exclude_types: annotations,
        },
      ],
      plugins: [{ local: "protoc-gen-es", out, opt: ["target=js+dts", "import_extension=js"] }],
    };
    const tools = repositoryPath("node_modules/.bin");
    await runTool("buf", ["generate", "--template", JSON.stringify(template)], {
      env: {
        PATH: `${tools}:${process.env["PATH"] ?? ""}`,
        // Nothing of the user's, and nothing left behind.
        BUF_CACHE_DIR: join(work, "cache"),
      },
      cwd: work,
    });
    const dist = join(workspace, "dist");
    await mkdir(dist, { recursive: true });
    await rm(join(dist, "protocols"), { recursive: true, force: true });
    await move(out, join(dist, "protocols"));
  } finally {
    await rm(work, { recursive: true, force: true });
  }
  process.stderr.write(`protocols: ${protocols.length} interfaces\n`);
}

/** What the clients speak must be what the image's containerd was built from. */
export function checkSameContainerd(lock: Pick<Lock, "protocols" | "root">): void {
  const version = (list: Lock["root"], name: string): string =>
    // +bN: the same source, built again for one architecture.
    (list.find((item) => item.name === name)?.version ?? "none").replace(/\+b\d+$/, "");
  const described = version(lock.protocols, "golang-github-containerd-containerd-dev");
  const running = version(lock.root, "containerd");
  if (described === running) return;
  throw new BuildError(
    "build.bad-lock",
    `Cannot make clients of containerd: its interfaces are locked at ${described}, itself at ${running}`,
    { hint: "Run npm run packages:update: it locks both at once." },
  );
}

/** By copying where the temporary folder is another file system. */
async function move(from: string, to: string): Promise<void> {
  try {
    await rename(from, to);
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "EXDEV")) throw error;
    await runTool("cp", ["-R", from, to]);
  }
}
