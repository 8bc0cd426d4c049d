import { join } from "node:path";
import {
  importPause,
  setMirrors,
  startLabWithRegistry,
  type LabWithRegistry,
} from "../containers/lab.ts";
import { ImageMaker, SUITE_IMAGES } from "./critest-images.ts";
import { checkFiles, copyIn, SUITE } from "./suite-files.ts";

const ENDPOINT = "unix:///run/containerd/containerd.sock";
/** From which the suite takes its images; the lab has a mirror of them. */
const PUBLIC_REGISTRIES = ["gcr.io", "registry.k8s.io", "k8s.gcr.io"];
const LIMIT_MS = 60 * 60_000;

/** Runs critest against the image's containerd, with images of our own under its names. True if it ended with 0. */
export async function runCritest(
  path: string,
  only: readonly string[],
  print: (text: string) => Promise<void>,
): Promise<boolean> {
  await checkFiles(path, ["critest", "busybox"]);
  await using world = await startLabWithRegistry();
  const { lab, registry } = world;
  await importPause(lab);
  await pushImages(world, join(path, "busybox"));
  await setMirrors(
    lab,
    Object.fromEntries(PUBLIC_REGISTRIES.map((name) => [name, [`https://${registry.authority}`]])),
  );
  await copyIn(lab, path, ["critest"]);
  const focus = only.map((text) => `--ginkgo.focus=${text}`);
  const endpoints = [`--runtime-endpoint=${ENDPOINT}`, `--image-endpoint=${ENDPOINT}`];
  const command = [`${SUITE}/critest`, ...endpoints, "--ginkgo.no-color", ...focus];
  const { output, exitCode } = await lab.namespaces.tryRun(command, {
    cwd: SUITE,
    env: { PATH: "/usr/bin:/usr/sbin", TMPDIR: "/var/tmp" },
    limitMs: LIMIT_MS,
  });
  await print(output);
  return exitCode === 0;
}

async function pushImages({ lab, registry }: LabWithRegistry, busybox: string): Promise<void> {
  await using maker = await ImageMaker.create(busybox, lab.probe);
  for (const image of SUITE_IMAGES) {
    const reference = `${registry.authority}/${image.name}`;
    await lab.importImage(await maker.write(image, reference));
    await registry.push(reference);
    await lab.namespaces.run(["ctr", "-n", "k8s.io", "images", "rm", "--sync", reference]);
  }
}
