import { readFile } from "node:fs/promises";
import { PublisherError } from "../publisher-error.ts";

const LEAST_LENGTH = 12;

/** The first line of the file. Throws PublisherError. */
export async function readPassphrase(path: string): Promise<string> {
  let text: string;
  try {
    text = await readFile(path, "utf8");
  } catch (cause) {
    throw new PublisherError("publisher.absent", `Cannot read the passphrase in "${path}"`, {
      cause,
    });
  }
  const [line = ""] = text.split(/\r?\n/);
  if (line.length < LEAST_LENGTH)
    throw new PublisherError(
      "publisher.bad-key",
      `Cannot use the passphrase in "${path}": it is shorter than ${LEAST_LENGTH} characters`,
    );
  return line;
}
