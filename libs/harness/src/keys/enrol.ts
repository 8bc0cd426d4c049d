import { existsSync } from "node:fs";
import { mkdtemp, copyFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import type { Context } from "../core/context.ts";
import { KEY_NAMES, keyFiles, missingKey, readOwner } from "./key-folder.ts";

export interface EnrolOptions {
  /** Folder with the certificates; private keys are not needed. */
  readonly directory: string;
  /** An empty variable store of EDK2, as OVMF brings it. */
  readonly template: string;
  readonly target: string;
  /** Update of dbx, as {@link revoke} signs it. */
  readonly dbx?: string;
}

/** Makes the variable store of a virtual machine whose firmware starts only what these keys signed. */
export async function enrolKeys(
  context: Pick<Context, "run">,
  { directory, template, target, dbx }: EnrolOptions,
): Promise<void> {
  const owner = await readOwner(directory);
  const options = { PK: "--set-pk", KEK: "--add-kek", db: "--add-db" } as const;
  const certificates = KEY_NAMES.map((name) => ({
    option: options[name],
    inside: `/tmp/${name}.pem`,
    outside: keyFiles(directory, name).certificate,
  }));
  for (const { outside } of certificates)
    if (!existsSync(outside)) throw missingKey(outside, "a certificate to enrol");
  const work = await mkdtemp(join(tmpdir(), "ballast-enrol-"));
  try {
    await context.run(
      [
        ...["virt-fw-vars", "--loglevel", "WARNING", "--input", `/src/${basename(template)}`],
        ...certificates.flatMap(({ option, inside }) => [option, owner, inside]),
        ...(dbx === undefined ? [] : ["--set-dbx", "/tmp/dbx.auth"]),
        ...["--secure-boot", "--output", "/out/vars.fd"],
      ],
      {
        readOnly: {
          "/src": dirname(template),
          ...Object.fromEntries(certificates.map(({ inside, outside }) => [inside, outside])),
          ...(dbx === undefined ? {} : { "/tmp/dbx.auth": dbx }),
        },
        writable: { "/out": work },
      },
    );
    await copyFile(join(work, "vars.fd"), target);
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}
