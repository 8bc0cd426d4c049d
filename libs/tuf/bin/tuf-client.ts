// A black box for the public conformance suite of TUF: it knows nothing of Ballast.
import { createReadStream, createWriteStream, existsSync } from "node:fs";
import { copyFile, mkdir, readFile, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { parseArgs } from "node:util";
import { createNodeClock, createNodeFs } from "@ballast/system";
import { describeError } from "@ballast/errors";
import { AnyFetcher, HttpFetcher, TufClient, type Snapshot } from "../src/index.ts";

/** Where `init` keeps what it was given. */
const TRUSTED = ".trusted";

const HELP = `Usage: tuf-client --metadata-dir DIR COMMAND

  init TRUSTED_ROOT                       begin with this root
  refresh  --metadata-url URL             fetch and verify the metadata
  download --metadata-url URL --target-base-url URL --target-dir DIR --target-name NAME…

Exit: 0 done, 1 refused or failed.
`;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    "metadata-dir": { type: "string" },
    "metadata-url": { type: "string" },
    "target-base-url": { type: "string" },
    "target-dir": { type: "string" },
    "target-name": { type: "string", multiple: true },
    help: { type: "boolean" },
  },
});

async function run(): Promise<void> {
  const [command, trustedRoot] = positionals;
  const folder = needed("metadata-dir", values["metadata-dir"]);
  if (command === "init") {
    await mkdir(folder, { recursive: true });
    await mkdir(join(folder, TRUSTED), { recursive: true });
    await copyFile(needed("TRUSTED_ROOT", trustedRoot), join(folder, TRUSTED, "root.json"));
    await copyFile(needed("TRUSTED_ROOT", trustedRoot), join(folder, "root.json"));
    return;
  }
  if (command !== "refresh" && command !== "download")
    throw new Error(`there is no command "${command ?? ""}"`);
  const http = new HttpFetcher({ userAgent: "ballast-tuf-client" });
  try {
    await followRepository(command, folder, http);
  } finally {
    http.close();
  }
}

async function followRepository(
  command: "refresh" | "download",
  folder: string,
  http: HttpFetcher,
): Promise<void> {
  const metadataUrl = folderUrl(needed("metadata-url", values["metadata-url"]));
  const client = new TufClient({
    metadataUrl,
    targetsUrl: folderUrl(values["target-base-url"] ?? metadataUrl.href),
    trustedRoot: await readFile(join(folder, TRUSTED, "root.json"), "utf8"),
    stateFolder: folder,
    workFolder: join(folder, ".work"),
    fetcher: new AnyFetcher(http),
    fs: createNodeFs(),
    clock: createNodeClock(),
    notBefore: Temporal.Instant.fromEpochMilliseconds(0),
    maxDelegations: 32,
  });
  try {
    await using snapshot = await client.refresh();
    if (command === "download") await download(snapshot);
  } finally {
    await showNewestRoot(folder);
  }
}

async function download(snapshot: Snapshot): Promise<void> {
  const targetFolder = needed("target-dir", values["target-dir"]);
  for (const name of values["target-name"] ?? []) {
    const path = join(targetFolder, encodeURIComponent(name));
    if (existsSync(path) && (await snapshot.matches(name, createReadStream(path)))) continue;
    try {
      await pipeline(await snapshot.stream(name), createWriteStream(`${path}.part`));
      await rename(`${path}.part`, path);
    } catch (error) {
      await rm(`${path}.part`, { force: true });
      throw error;
    }
  }
}

/** The suite looks for the root that is trusted now beside the other roles. */
async function showNewestRoot(folder: string): Promise<void> {
  const names = await createNodeFs().list(join(folder, "roots"));
  const newest = Math.max(...names.map((name) => Number.parseInt(name, 10)));
  if (names.length > 0)
    await copyFile(join(folder, "roots", `${newest}.json`), join(folder, "root.json"));
}

function folderUrl(text: string): URL {
  return new URL(text.endsWith("/") ? text : `${text}/`);
}

function needed(name: string, value: string | undefined): string {
  if (value === undefined) throw new Error(`--${name} is missing`);
  return value;
}

if (values.help === true) {
  process.stdout.write(HELP);
} else {
  try {
    await run();
  } catch (error) {
    process.stderr.write(`${describeError(error)}\n`);
    process.exitCode = 1;
  }
}
