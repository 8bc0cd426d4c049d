import { createHash } from "node:crypto";
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { ContainersLab } from "@ballast/testkit/containers";
import { execa } from "execa";

/**
 * Text of each file of a layer, by path. `/probe` stands for the program itself, and `/setuid` for one that runs as root
 * whoever starts it. Whiteouts are files of their names.
 */
export type Layer = Readonly<Record<string, string>>;

export interface LayeredImage {
  readonly reference: string;
  /** As the image configuration of OCI has it. */
  readonly config: Readonly<Record<string, unknown>>;
  /** Lowest first. */
  readonly layers: readonly Layer[];
}

const TYPE = "application/vnd.oci.image";
const PLATFORM = { architecture: "amd64", os: "linux" } as const;

/** Brings an image of several layers into the lab, behind an index that also has an attestation and another platform. */
export async function importLayered(
  lab: ContainersLab,
  { reference, config, layers }: LayeredImage,
): Promise<void> {
  const work = await mkdtemp(join(tmpdir(), "ballast-layered-"));
  const add = async (mediaType: string, bytes: Buffer) => {
    const hex = createHash("sha256").update(bytes).digest("hex");
    await writeFile(join(work, "layout/blobs/sha256", hex), bytes);
    return { mediaType, digest: `sha256:${hex}`, size: bytes.length };
  };
  const addJson = (kind: string, value: unknown) =>
    add(`${TYPE}.${kind}.v1+json`, Buffer.from(JSON.stringify(value)));
  const addManifest = (target: unknown, descriptors: readonly unknown[]) =>
    addJson("manifest", {
      schemaVersion: 2,
      mediaType: `${TYPE}.manifest.v1+json`,
      config: target,
      layers: descriptors,
    });
  try {
    await mkdir(join(work, "layout/blobs/sha256"), { recursive: true });
    const tars = await Promise.all(layers.map((layer) => tarOf(lab, layer)));
    const descriptors = await Promise.all(tars.map((tar) => add(`${TYPE}.layer.v1.tar`, tar)));
    const rootfs = { type: "layers", diff_ids: descriptors.map(({ digest }) => digest) };
    const target = await addJson("config", { ...PLATFORM, config, rootfs });
    const manifest = await addManifest(target, descriptors);
    const note = await addManifest(await addJson("config", {}), []);
    const inner = await addJson("index", {
      schemaVersion: 2,
      mediaType: `${TYPE}.index.v1+json`,
      manifests: [
        { ...note, platform: { architecture: "unknown", os: "unknown" } },
        { ...manifest, platform: { ...PLATFORM, variant: "v1" } },
      ],
    });
    const annotations = { "io.containerd.image.name": reference };
    const index = { schemaVersion: 2, manifests: [{ ...inner, annotations }] };
    await writeFile(join(work, "layout/index.json"), JSON.stringify(index));
    await writeFile(join(work, "layout/oci-layout"), '{"imageLayoutVersion":"1.0.0"}');
    await execa("tar", ["-cf", join(work, "image.tar"), "-C", join(work, "layout"), "."]);
    await lab.importImage(join(work, "image.tar"));
  } finally {
    await rm(work, { recursive: true });
  }
}

async function tarOf(lab: ContainersLab, layer: Layer): Promise<Buffer> {
  const tree = await mkdtemp(join(tmpdir(), "ballast-layer-"));
  try {
    for (const [path, text] of Object.entries(layer)) {
      const file = join(tree, path);
      await mkdir(dirname(file), { recursive: true });
      const isProgram = path === "/probe" || path === "/setuid";
      await writeFile(file, isProgram ? await readFile(lab.probe) : text);
      await chmod(file, path === "/setuid" ? 0o4755 : 0o755);
    }
    const { stdout } = await execa(
      "tar",
      ["-c", "-C", tree, "--owner=0", "--group=0", "--numeric-owner", "--mode=a+rX", "."],
      { encoding: "buffer" },
    );
    return Buffer.from(stdout);
  } finally {
    await rm(tree, { recursive: true });
  }
}
