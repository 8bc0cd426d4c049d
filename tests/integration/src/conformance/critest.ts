import { startLab } from "../containers/lab.ts";
import { checkFiles, copyIn, SUITE } from "./suite-files.ts";

const ENDPOINT = "unix:///run/containerd/containerd.sock";
const LIMIT_MS = 60 * 60_000;

/** Runs critest against the image's containerd. True if it ended with 0. */
export async function runCritest(
  path: string,
  only: readonly string[],
  print: (text: string) => Promise<void>,
): Promise<boolean> {
  await checkFiles(path, ["critest"]);
  await using lab = await startLab();
  await copyIn(lab, path, ["critest"]);
  const focus = only.map((text) => `--ginkgo.focus=${text}`);
  const endpoints = [`--runtime-endpoint=${ENDPOINT}`, `--image-endpoint=${ENDPOINT}`];
  const command = [`${SUITE}/critest`, ...endpoints, "--ginkgo.no-color", ...focus];
  const { output, exitCode } = await lab.namespaces.tryRun(command, {
    cwd: SUITE,
    limitMs: LIMIT_MS,
  });
  await print(output);
  return exitCode === 0;
}
