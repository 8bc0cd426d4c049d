import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createContext, pipeline, sha256File } from "@ballast/harness";

/** `npm run test:reproducible`: what the image test does not build again, because it takes minutes. */
const STEPS = ["kernel", "selector"];
const FILES = ["bzImage", "kernel.config", "System.map", "BOOTX64.EFI"];

const kernel = join(import.meta.dirname, "../../../kernel");
const work = await mkdtemp(join(tmpdir(), "ballast-reproduce-"));
try {
  // An empty cache: nothing of the first build, not even the compiler's, can be taken for the second.
  process.env["BALLAST_CACHE_DIR"] = join(work, "cache");
  const dist = join(work, "dist");
  const context = await createContext(kernel, process.env, dist);
  for (const name of STEPS) await pipeline.find((step) => step.name === name)?.run(context);
  let failed = 0;
  for (const name of FILES) {
    const [first, second] = [
      await sha256File(join(kernel, "dist", name)),
      await sha256File(join(dist, name)),
    ];
    if (first !== second) failed++;
    process.stdout.write(
      `${first === second ? "same     " : "DIFFERENT"} ${name} ${first}${first === second ? "" : ` ${second}`}\n`,
    );
  }
  process.stdout.write(`${FILES.length - failed} passed, ${failed} failed\n`);
  if (failed > 0) process.exitCode = 1;
} finally {
  await rm(work, { recursive: true, force: true });
}
