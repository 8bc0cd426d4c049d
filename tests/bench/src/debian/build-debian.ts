import { mkdir, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import process from "node:process";
import { createContext, fromStore, runTool, storeKey } from "@ballast/harness";
import { BenchError } from "../bench-error.ts";
import { RECIPE } from "./recipe.ts";

export interface DebianGuest {
  /** qcow2; its firmware finds a UKI on the ESP. */
  readonly disk: string;
  /** "name version" of what it is made of and a reader may want to know. */
  readonly versions: readonly string[];
}

const NAMED_PACKAGES = /^(?:systemd|containerd|runc|linux-image-\d.*|initramfs-tools)$/;

/** Takes the Debian guest from the store, or builds it: packages by mmdebstrap, disk by the tools of the sdk. */
export async function ensureDebian(
  directory: string,
  say: (sentence: string) => void,
): Promise<DebianGuest> {
  await mkdir(directory, { recursive: true });
  const context = await createContext(directory, process.env);
  const disk = join(directory, "debian.qcow2");
  const packages = join(directory, "packages.txt");
  const key = storeKey("bench-debian", { recipe: RECIPE, sdk: context.sdkKey });
  const run: RunInSdk = (command, binds) => context.run(command, binds);
  const how = await fromStore(key, [disk, packages], async (work) => {
    say("building the Debian guest, once; this takes minutes");
    await buildDebian(work, run, say);
  });
  say(`Debian guest ${how === "stored" ? "taken from the store" : "built"}`);
  const lines = (await readFile(packages, "utf8")).trim().split("\n");
  return { disk, versions: lines.filter((line) => NAMED_PACKAGES.test(line.split(" ")[0] ?? "")) };
}

type RunInSdk = (
  command: readonly string[],
  binds: {
    readonly readOnly?: Readonly<Record<string, string>>;
    readonly writable?: Readonly<Record<string, string>>;
  },
) => Promise<string>;

async function buildDebian(
  work: string,
  run: RunInSdk,
  say: (sentence: string) => void,
): Promise<void> {
  const tree = join(work, "tree");
  await unpackPackages(work, tree, say);
  for (const [path, text] of Object.entries(RECIPE.files)) await writeFile(join(tree, path), text);
  for (const [path, target] of Object.entries(RECIPE.links)) {
    await mkdir(dirname(join(tree, path)), { recursive: true });
    await symlink(target, join(tree, path));
  }
  await writeFile(join(work, "packages.txt"), await listPackages(tree));
  say("making its disk");
  const binds = { readOnly: { "/src": tree }, writable: { "/mnt": work } };
  const boot = await readdir(join(tree, "boot"));
  await run(
    [
      ...["ukify", "build", `--linux=/src/boot/${only(boot, "vmlinuz-")}`],
      ...[`--initrd=/src/boot/${only(boot, "initrd.img-")}`, `--cmdline=${RECIPE.commandLine}`],
      ...["--stub=/usr/lib/systemd/boot/efi/linuxx64.efi.stub", "--output=/mnt/uki.efi"],
    ],
    binds,
  );
  await run(
    [
      ...["mke2fs", "-q", "-t", "ext4", "-L", RECIPE.rootLabel, "-d", "/src"],
      ...["/mnt/root.img", `${RECIPE.rootMiB}M`],
    ],
    binds,
  );
  await writeDefinitions(join(work, "definitions"));
  await run(
    [
      ...["systemd-repart", "--offline=yes", "--empty=create", "--size=auto", "--dry-run=no"],
      ...["--sector-size=512", "--definitions=/mnt/definitions", "/mnt/disk.raw"],
    ],
    binds,
  );
  await run(["qemu-img", "convert", "-O", "qcow2", "/mnt/disk.raw", "/mnt/debian.qcow2"], binds);
  for (const name of ["tree", "uki.efi", "root.img", "disk.raw", "definitions"])
    await rm(join(work, name), { recursive: true, force: true });
}

async function unpackPackages(
  work: string,
  tree: string,
  say: (sentence: string) => void,
): Promise<void> {
  const archive = join(work, "tree.tar");
  let saidMs = performance.now();
  await runTool(
    "mmdebstrap",
    [
      ...["--variant=essential", "--format=tar", "--dpkgopt=force-unsafe-io"],
      ...[`--include=${RECIPE.packages.join(",")}`, RECIPE.suite, archive],
    ],
    {
      onLine: (line) => {
        if (performance.now() - saidMs < 15_000) return;
        saidMs = performance.now();
        say(line.slice(0, 100));
      },
      hint: "It needs the network: Debian's archive, as the build of the image does.",
    },
  );
  await mkdir(tree);
  // Everything becomes root's, for which no root is needed; nothing that starts in this guest minds.
  await runTool("tar", ["-xf", archive, "-C", tree, "--exclude=./dev/*", "--no-same-owner"]);
  await rm(archive);
}

async function writeDefinitions(directory: string): Promise<void> {
  await mkdir(directory);
  const size = (mebibytes: number): string[] => [
    `SizeMinBytes=${mebibytes}M`,
    `SizeMaxBytes=${mebibytes}M`,
  ];
  const write = (name: string, lines: readonly string[]): Promise<void> =>
    writeFile(join(directory, name), `[Partition]\n${lines.join("\n")}\n`);
  const esp = ["Type=esp", "Format=vfat", "CopyFiles=/mnt/uki.efi:/EFI/BOOT/BOOTX64.EFI"];
  await write("01.conf", [...esp, ...size(RECIPE.espMiB)]);
  await write("02.conf", ["Type=root-x86-64", "CopyBlocks=/mnt/root.img", ...size(RECIPE.rootMiB)]);
}

async function listPackages(tree: string): Promise<string> {
  const status = await readFile(join(tree, "var/lib/dpkg/status"), "utf8");
  const lines = status.split("\n\n").flatMap((paragraph) => {
    const name = /^Package: (.*)$/m.exec(paragraph)?.[1];
    const version = /^Version: (.*)$/m.exec(paragraph)?.[1];
    return name === undefined || version === undefined ? [] : [`${name} ${version}`];
  });
  return `${lines.toSorted().join("\n")}\n`;
}

function only(names: readonly string[], prefix: string): string {
  const [name, other] = names.filter((item) => item.startsWith(prefix));
  if (name === undefined || other !== undefined)
    throw new BenchError(
      "bench.tool",
      `Cannot build the Debian guest: no single ${prefix} in /boot`,
    );
  return name;
}
