import { execa, ExecaError } from "execa";
import { REPOSITORY } from "./paths.ts";
import { VmError } from "./vm-error.ts";

/** Builds the default image with its dependencies; turbo's own progress goes to the terminal. */
export async function buildImage(signal: AbortSignal): Promise<void> {
  try {
    await execa("turbo", ["run", "image", "--filter=@ballast/image-standalone"], {
      cwd: REPOSITORY,
      preferLocal: true,
      stdin: "ignore",
      stdout: "inherit",
      stderr: "inherit",
      cancelSignal: signal,
    });
  } catch (error) {
    if (!(error instanceof ExecaError)) throw error;
    signal.throwIfAborted();
    throw new VmError("vm.build", "Cannot build the image: turbo run image failed", {
      cause: error,
      hint: "Its output is above. With --no-build the image that was built last is started.",
    });
  }
}
