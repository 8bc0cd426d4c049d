import { once } from "node:events";
import { serveFolder, type Answered, type FolderServer } from "@ballast/tuf/repository";
import type { ServeCommand } from "../command.ts";
import { PublisherError } from "../publisher-error.ts";
import { openRepository } from "../repository/repository.ts";
import type { Context } from "./context.ts";

/** Until it is interrupted: that is its end, and no failure. */
export async function runServe(
  { stdout, stderr, signal }: Context,
  { repository, host, port, json }: ServeCommand,
): Promise<void> {
  // What is no repository would only be answered by 404.
  await openRepository(repository);
  const onAnswer = ({ method, target, status, sizeBytes }: Answered): void => {
    // What is no plain text in it must not reach a terminal.
    stderr(`${method} ${JSON.stringify(target).slice(1, -1)} ${status} ${sizeBytes}\n`);
  };
  await using server = await listen(repository, { host, port, onAnswer });
  const { href } = server.url;
  await stdout(
    json
      ? `${JSON.stringify({ url: href, port: Number(server.url.port) })}\n`
      : `Hands out "${repository}" at ${href}, until Ctrl-C.\n`,
  );
  if (!signal.aborted) await once(signal, "abort");
}

async function listen(
  folder: string,
  options: Parameters<typeof serveFolder>[1] & { readonly host: string; readonly port: number },
): Promise<FolderServer> {
  try {
    return await serveFolder(folder, options);
  } catch (cause) {
    throw new PublisherError(
      "publisher.unavailable",
      `Cannot listen on ${options.host}, port ${options.port}`,
      { cause, hint: "--port 0 takes any free port." },
    );
  }
}
