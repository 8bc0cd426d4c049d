import type { Readable } from "node:stream";
import { ApiError } from "../api-error.ts";
import type { App } from "../app.ts";
import { PATHS } from "../paths.ts";

/** A followed journal may stay silent: after this time the answer's head is sent all the same. */
const SILENCE_MS = 500;

/** Starts journalctl. Its failure before the first byte is the call's. `onEnd` is called when it has ended. */
export async function streamJournal(
  app: Pick<App, "exec">,
  args: readonly string[],
  signal: AbortSignal,
  onEnd: () => void,
): Promise<Readable> {
  const { stdout, ended } = app.exec.stream({ file: PATHS.journalctl, args: [...args] }, signal);
  void ended.finally(onEnd);
  const end = await Promise.race([firstBytes(stdout, args.includes("--follow")), ended]);
  const hasFailed = end !== undefined && end.exitCode !== 0 && stdout.readableLength === 0;
  if (hasFailed && !signal.aborted)
    throw new ApiError(
      "apiserver.command-failed",
      `Cannot read the journal: journalctl says "${end.stderr.trim()}"`,
    );
  return stdout;
}

/** Before the first bytes a failure can still be told by the answer's status. */
function firstBytes(stdout: Readable, isFollowed: boolean): Promise<undefined> {
  return new Promise((resolve) => {
    const done = (): void => {
      // A listener for "readable" would keep the stream from flowing.
      stdout.off("readable", look);
      resolve(undefined);
    };
    const look = (): void => {
      if (stdout.readableLength > 0) done();
    };
    stdout.on("readable", look);
    if (isFollowed) setTimeout(done, SILENCE_MS).unref();
  });
}
