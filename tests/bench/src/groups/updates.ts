import { mkdir, readFile, readdir, rm, truncate, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { createContext, deriveSlot, sealExecutable, type SlotParts } from "@ballast/harness";
import { UpdateRepository } from "@ballast/testkit";
import { execa } from "execa";
import { settleFile } from "../baseline-executable.ts";
import type { BenchContext, Group } from "../group.ts";
import { builtFile, imageFile } from "../product.ts";
import type { GroupResult } from "../report.ts";
import { UpdateMachine, type Prepared } from "../update-machine.ts";

const IMAGES = ["root", "hash", "boot"] as const;
const PLAIN = "curl | zstd -d | dd conv=fdatasync, the three images";
const ALL = "fetched by a machine that has nothing";
/** Above all that is derived from it. */
const NEXT_VERSION = "99.0.0";

/** From a published release to a slot that is valid. */
export const updates: Group = {
  name: "updates",
  does: "time, bytes and memory of writing a release",
  run: measureUpdates,
};

async function measureUpdates(context: BenchContext): Promise<GroupResult> {
  const { scratch, repeats, signal, say } = context;
  say("publishing the image, and another with one program changed");
  const folder = dirname(await imageFile("manifest.json"));
  const { version, rootHash } = await readBuild(folder);
  const parts: SlotParts = {
    ...{ folder, rootHash, root: await imageFile("root.img") },
    ...{ hash: await imageFile("hash.img"), uki: await imageFile("uki.efi") },
  };
  await using repository = await UpdateRepository.start(scratch);
  await repository.add(parts);
  await repository.add(await changed(folder, scratch));
  const place = {
    url: new URL(`http://127.0.0.1:${repository.port}/`),
    rootOfTrust: await readFile(join(repository.folder, "metadata/1.root.json"), "utf8"),
  };
  const program = await sealUpdateAgent(join(scratch, "program"));
  const urls = await targetUrls(repository.folder, place.url, version);
  const machine = await UpdateMachine.make(join(scratch, "machine"), place);
  const plain: number[] = [];
  const whole: Prepared[] = [];
  for (let round = 0; round < repeats.rounds; round += 1) {
    signal.throwIfAborted();
    plain.push(await plainSeconds(urls, scratch));
    await machine.empty();
    whole.push(await machine.prepare(program, version, signal));
    say(`release written ${round + 1} of ${repeats.rounds} times`);
  }
  const old = await UpdateMachine.make(join(scratch, "old"), place, parts);
  await old.empty();
  const delta = await old.prepare(program, NEXT_VERSION, signal);
  return {
    figures: [
      { name: PLAIN, unit: "s", values: plain },
      {
        name: "from the slot given up to valid",
        unit: "s",
        values: of(whole, "writeSeconds"),
        baseline: PLAIN,
      },
      { name: "update-agent prepare", unit: "s", values: of(whole, "seconds"), baseline: PLAIN },
      { name: ALL, unit: "bytes", values: of(whole, "fetchedBytes") },
      {
        name: "fetched when a line of one program changed",
        unit: "bytes",
        values: [delta.fetchedBytes],
        baseline: ALL,
      },
      {
        name: "most memory of update-agent",
        unit: "bytes",
        values: of([...whole, delta], "peakBytes"),
      },
    ],
    notes: [
      "Over loopback from one server, into empty files. What curl, zstd and dd write is neither hashed nor read back.",
      "update-agent is its bundle as built last, sealed by itself with the image's flags. Memory is VmHWM.",
      "The changed program is the image's executable with some bytes more in the middle of its JavaScript.",
    ],
  };
}

async function readBuild(folder: string): Promise<{ version: string; rootHash: string }> {
  const build: { version: string; rootHash: string } = JSON.parse(
    await readFile(join(folder, "manifest.json"), "utf8"),
  );
  return build;
}

/** A release in which one line of one program is longer. */
async function changed(folder: string, scratch: string): Promise<SlotParts> {
  const program = await readFile(join(folder, "ballast"));
  const at = program.lastIndexOf("Cannot lock ");
  const line = Buffer.from("/* a line that was not there before */\n");
  const edited = Buffer.concat([program.subarray(0, at), line, program.subarray(at)]);
  const added = join(scratch, "added");
  await mkdir(join(added, "usr/bin"), { recursive: true });
  await writeFile(join(added, "usr/bin/ballast"), edited, { mode: 0o755 });
  return deriveSlot({
    ...{ image: folder, directory: join(scratch, "changed"), added: [added] },
    ...{ parameters: [], version: NEXT_VERSION },
  });
}

async function sealUpdateAgent(folder: string): Promise<string> {
  const script = await readFile(await builtFile("apps/update-agent/dist/update-agent.cjs"), "utf8");
  await mkdir(folder, { recursive: true });
  const program = join(folder, "update-agent");
  await sealExecutable(await createContext(folder, process.env), script, program);
  await settleFile(program);
  return program;
}

async function targetUrls(folder: string, url: URL, version: string): Promise<URL[]> {
  const names = await readdir(join(folder, "targets"));
  return IMAGES.map((image) => {
    const name = names.find((one) => one.includes(`.${image}-`) && one.endsWith(`-${version}.zst`));
    return new URL(`targets/${name ?? ""}`, url);
  });
}

async function plainSeconds(urls: readonly URL[], scratch: string): Promise<number> {
  const path = join(scratch, "plain");
  let seconds = 0;
  for (const url of urls) {
    await rm(path, { force: true });
    await writeFile(path, "");
    await truncate(path, 256 * 1024 * 1024);
    const startedMs = performance.now();
    await execa("bash", [
      "-c",
      `set -o pipefail; curl -sf '${url.href}' | zstd -dc | dd of='${path}' bs=1M conv=notrunc,fdatasync iflag=fullblock status=none`,
    ]);
    seconds += (performance.now() - startedMs) / 1000;
  }
  return seconds;
}

function of(all: readonly Prepared[], key: keyof Prepared): number[] {
  return all.map((one) => one[key]);
}
