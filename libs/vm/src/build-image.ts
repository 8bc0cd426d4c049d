import { execa, ExecaError } from "execa";
import { REPOSITORY } from "./paths.ts";
import { VmError } from "./vm-error.ts";

/** Builds the default image, and that of the welcome container if it is wanted, with their dependencies; turbo's own progress goes to the terminal. */
export async function buildImage(signal: AbortSignal, isWelcomed: boolean): Promise<void> {
  const welcome = isWelcomed ? ["welcome", "--filter=@ballast/image-welcome"] : [];
  try {
    await execa("turbo", ["run", "image", ...welcome, "--filter=@ballast/image-standalone"], {
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
