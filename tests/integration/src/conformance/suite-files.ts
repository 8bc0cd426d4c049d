import { cp, stat } from "node:fs/promises";
import { join } from "node:path";
import { BallastError, EXIT } from "@ballast/errors";
import type { ContainersLab } from "@ballast/testkit/containers";
import { execa } from "execa";

/** Where a suite is in the lab. */
export const SUITE = "/var/suite";

/** Throws if the folder has not what the suite needs, naming all of it. */
export async function checkFiles(path: string, names: readonly string[]): Promise<void> {
  const isThere = await Promise.all(
    names.map((name) => stat(join(path, name)).then(Boolean, () => false)),
  );
  const missing = names.filter((_, index) => isThere[index] !== true);
  if (missing.length > 0)
    throw new BallastError(
      "conformance.no-suite",
      `Cannot run the suite of "${path}": it has no ${missing.join(", ")}`,
      {
        hint: "Build the suite there first; see tests/integration/README.md.",
        exitCode: EXIT.unavailable,
      },
    );
}

/** Brings files of the suite into the lab. */
export async function copyIn(
  lab: ContainersLab,
  path: string,
  names: readonly string[],
): Promise<void> {
  for (const name of names)
    await cp(join(path, name), lab.path(join(SUITE, name)), { recursive: true });
}

/** Lends a program of this machine to the lab, with the libraries that the image may lack; the C library is the image's. */
export async function lend(lab: ContainersLab, program: string): Promise<void> {
  const { stdout } = await execa("ldd", [program]);
  const libraries = [...stdout.matchAll(/=> (\/\S+)/g)].map(([, file = ""]) => file);
  for (const file of libraries.filter((name) => !/\/libc\.so/.test(name)))
    await cp(file, lab.path(join(SUITE, "lib", file.replace(/^.*\//, ""))), { dereference: true });
  const name = program.replace(/^.*\//, "");
  await cp(program, lab.path(join(SUITE, "bin", name)), { dereference: true });
}

/** As programs of the suite see it. */
export const SUITE_ENV = {
  PATH: `${SUITE}/bin:/usr/bin:/usr/sbin`,
  LD_LIBRARY_PATH: `${SUITE}/lib`,
} as const;
