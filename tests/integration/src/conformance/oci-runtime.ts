import { glob, readFile, writeFile } from "node:fs/promises";
import { gunzipSync } from "node:zlib";
import { ContainersLab } from "@ballast/testkit/containers";
import { checkFiles, copyIn, lend, SUITE, SUITE_ENV } from "./suite-files.ts";
import { judgeTap } from "./tap.ts";

const ROOT = "rootfs-amd64.tar.gz";
const LIMIT_MS = 120_000;

/** Runs the validation programs of runtime-tools with the image's runc, one after the other. True if none failed. */
export async function runOciRuntime(
  path: string,
  only: readonly string[],
  print: (text: string) => Promise<void>,
): Promise<boolean> {
  await checkFiles(path, ["runtimetest", ROOT, "validation"]);
  const all = (await Array.fromAsync(glob("validation/*/*.t", { cwd: path }))).toSorted();
  await checkFiles(path, all.length === 0 ? ["validation/*/*.t"] : []);
  const chosen = all.filter(
    (name) => only.length === 0 || only.some((text) => name.includes(text)),
  );
  await using lab = await ContainersLab.create();
  await copyIn(lab, path, ["runtimetest", ROOT, ...chosen]);
  for (const program of ["/usr/bin/tar", "/usr/bin/unshare"]) await lend(lab, program);
  // The lab has no gzip; tar looks at the content, not at the name.
  const root = lab.path(`${SUITE}/${ROOT}`);
  await writeFile(root, gunzipSync(await readFile(root)));
  const counts = { passed: 0, failed: 0, skipped: 0 };
  for (const name of chosen) {
    const { output, exitCode } = await lab.namespaces.tryRun([`${SUITE}/${name}`], {
      env: { ...SUITE_ENV, RUNTIME: "/usr/bin/runc", TMPDIR: "/var/tmp" },
      cwd: SUITE,
      limitMs: LIMIT_MS,
    });
    const { status, failures } = judgeTap(output, exitCode);
    counts[status] += 1;
    await print(`${status.padEnd(8)}${name.replace(/^validation\/|\.t$/g, "")}\n`);
    for (const failure of failures) await print(`        ${failure}\n`);
    if (status === "failed") await print(`${output.replaceAll(/^/gm, "        | ")}\n`);
  }
  await print(`${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped\n`);
  return counts.failed === 0 && chosen.length > 0;
}
