import { relative } from "node:path";
import { createContext } from "./core/context.ts";
import { BuildError } from "./core/build-error.ts";
import { repositoryPath } from "./core/paths.ts";
import { pipeline } from "./pipeline.ts";
import { bundleApp } from "./steps/bundle.ts";
import { buildContainer } from "./steps/container.ts";
import { generateProtocols } from "./steps/protocols.ts";

const HELP = `Usage: ballast-build <step>

Runs one step of the image build for the workspace in the current folder. turbo calls it; call turbo:
  npx turbo run image            everything, only what changed
  npx turbo run kernel           the kernel alone
  npx turbo run build            the programs' bundles

Steps:
${pipeline.map(({ name, does }) => `  ${name.padEnd(16)} ${does}`).join("\n")}
  bundle           one program of apps/ as one file
  protocols        the code of the interfaces that a library speaks
  container        a container image of ours, as an OCI archive
  keys             the keys of Secure Boot; see ballast-build keys --help
  new-migration    a migration of settings to be filled in; see ballast-build new-migration --help
  snapshot-settings VERSION  keep what a version that is released takes as settings
  packages-update  lock the archive's current package versions in images/packages.lock.json

BALLAST_VERSION sets the version of the image, BALLAST_CACHE_DIR the folder of the cache,
BALLAST_KEYS the folder of the keys that sign, BALLAST_SIGNER the SHA-256 of the certificate that must be in it.
`;

export async function runCommand(args: readonly string[], workspace: string): Promise<void> {
  const [name, ...rest] = args;
  if (name === "--help" || name === "-h") {
    process.stdout.write(HELP);
    return;
  }
  if (name === "keys") {
    // Loaded only here: no other step needs what makes certificates, which takes longer to load than all the rest.
    const { keysCommand } = await import("./keys/keys-command.ts");
    return keysCommand(rest);
  }
  if (name === "new-migration" || name === "snapshot-settings") {
    const { newMigration, snapshotSettings } = await import("./settings/migration-commands.ts");
    return name === "new-migration" ? newMigration(rest) : snapshotSettings(rest);
  }
  if (name === undefined || rest.length > 0)
    throw new BuildError("build.usage", "Cannot tell what to build: name exactly one step", {
      hint: HELP,
    });
  if (name === "bundle") return bundleApp(workspace);
  if (name === "container") return buildContainer(workspace, process.env);
  if (name === "protocols") return generateProtocols(workspace);
  if (name === "packages-update") return updatePackages();
  const step = pipeline.find((item) => item.name === name);
  if (step === undefined)
    throw new BuildError("build.usage", `Cannot build "${name}": there is no such step`, {
      hint: HELP,
    });
  try {
    await step.run(await createContext(workspace, process.env));
  } catch (error) {
    throw explainMissing(name, error);
  }
}

/** A step called by hand before those that it builds on: say so, instead of naming a system call. */
function explainMissing(step: string, error: unknown): unknown {
  if (!(error instanceof Error && "code" in error && "path" in error)) return error;
  const { code, path } = error;
  if (code !== "ENOENT" || typeof path !== "string") return error;
  return new BuildError(
    "build.input-missing",
    `Cannot run step "${step}": "${relative(repositoryPath(), path)}" is missing`,
    {
      cause: error,
      hint: `Run npx turbo run ${step}: it makes first what the step builds on.`,
    },
  );
}

/** Loaded only here: the wanted packages are data of the images, which depend on nothing of the harness. */
async function updatePackages(): Promise<void> {
  const { updatePackageLock } = await import("./packages/update-command.ts");
  await updatePackageLock(repositoryPath());
}
