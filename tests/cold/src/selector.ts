import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createContext, enrolKeys, makeKeys, revoke, updateKeys } from "@ballast/harness";
import { execa } from "execa";

/**
 * `npm run test:selector [-- CASE...]`: the selector alone, under OVMF in QEMU, some thirty starts of a few seconds each.
 * Keys are made for the occasion, so that the cases of Secure Boot run, too.
 */
const OVMF_VARIABLES = "/usr/share/OVMF/OVMF_VARS_4M.fd";
const kernel = join(import.meta.dirname, "../../../kernel");
const work = await mkdtemp(join(tmpdir(), "ballast-selector-"));
try {
  const [out, keys] = [join(work, "out"), join(work, "keys")];
  const foreign = join(keys, "foreign");
  await mkdir(out);
  const context = await createContext(kernel, process.env, out);
  const make = (...targets: string[]): Promise<string> =>
    context.run(["make", ...targets, "OUT=/out", "KEYS=/tmp/keys"], {
      readOnly: { "/src": join(kernel, "selector"), "/tmp/keys": keys },
      writable: { "/out": out },
      cwd: "/src",
    });
  for (const directory of [keys, foreign]) {
    await makeKeys(directory);
    await updateKeys(directory);
  }
  await make("efi", "payloads", "signed");
  for (const directory of [keys, foreign])
    await revoke(directory, [join(out, "signed/payload-B.efi")]);
  await make("test", "esp");
  await enrolKeys(context, {
    directory: keys,
    template: OVMF_VARIABLES,
    target: join(out, "secure-vars.fd"),
  });
  const cases = join(kernel, "selector/test/machine.py");
  const { exitCode } = await execa("python3", [cases, out, ...process.argv.slice(2)], {
    reject: false,
    stdio: ["ignore", "inherit", "inherit"],
  });
  if (exitCode !== 0) process.exitCode = 1;
} finally {
  await rm(work, { recursive: true, force: true });
}
