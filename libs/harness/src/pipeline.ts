import type { Context } from "./core/context.ts";
import { loadImage, type ImageDefinition } from "./image-definition.ts";
import { buildDisk } from "./steps/disk.ts";
import { buildKernel } from "./steps/kernel.ts";
import { buildLauncher } from "./steps/launcher.ts";
import { buildPause } from "./steps/pause.ts";
import { publishImage, readBuildId } from "./steps/publish.ts";
import { buildRoot } from "./steps/root.ts";
import { buildRuntime } from "./steps/runtime.ts";
import { buildSdk } from "./steps/sdk.ts";
import { buildSelector } from "./steps/selector.ts";
import { signImages } from "./steps/sign.ts";
import { buildUki } from "./steps/uki.ts";
import { buildVerity } from "./steps/verity.ts";
import { buildWelcome } from "./steps/welcome.ts";

export interface Step {
  readonly name: string;
  readonly does: string;
  run(context: Context): Promise<void>;
}

/** The way from sources to a disk. turbo runs each step as a task and knows what it reads and writes. */
export const pipeline: readonly Step[] = [
  { name: "sdk", does: "the build root, from locked packages", run: buildSdk },
  { name: "kernel", does: "the kernel, from Debian's source and kernel/config", run: buildKernel },
  { name: "selector", does: "the EFI program that picks a slot", run: buildSelector },
  // Here turbo runs `build` in each app: its bundle, one file.
  {
    name: "runtime",
    does: "the sealed executable that carries all bundles",
    run: withImage((context, image) => buildRuntime(context, image.apps)),
  },
  { name: "pause", does: "the image that holds the namespaces of a workload", run: buildPause },
  {
    name: "launcher",
    does: "the program that starts apiclient in any container",
    run: buildLauncher,
  },
  {
    name: "root",
    does: "the root file system, from the allow-list, checked",
    run: withImage(buildRoot),
  },
  { name: "verity", does: "the hash tree over the root", run: buildVerity },
  {
    name: "uki",
    does: "kernel and command line, bound to the root's hash",
    run: withImage(async (context, image) =>
      buildUki(context, image, await readBuildId(context.dist)),
    ),
  },
  { name: "sign", does: "selector and UKI, signed for Secure Boot", run: signImages },
  { name: "disk", does: "the partitioned disk, raw and qcow2", run: withImage(buildDisk) },
  { name: "image", does: "manifest, checksums, bill of materials", run: withImage(publishImage) },
  { name: "welcome", does: "the image of the container that npm start shows", run: buildWelcome },
];

/** The image definition is the `image.ts` of the workspace whose task runs. */
function withImage(
  step: (context: Context, image: ImageDefinition) => Promise<void>,
): (context: Context) => Promise<void> {
  return async (context) => {
    await step(context, await loadImage(context.workspace));
  };
}
