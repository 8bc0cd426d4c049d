import type { Readable } from "node:stream";
import { StringDecoder } from "node:string_decoder";

const MAX_LINE_LENGTH = 16 * 1024 * 1024;

/** The lines of a stream without their ends; empty ones are left out. A last line without an end counts. */
export async function* readLines(stream: Readable): AsyncGenerator<string> {
  const decoder = new StringDecoder("utf8");
  let rest = "";
  for await (const chunk of stream) {
    const lines = (rest + decoder.write(Buffer.from(chunk))).split("\n");
    rest = lines.pop() ?? "";
    if (rest.length > MAX_LINE_LENGTH)
      throw new Error(`a line is longer than ${MAX_LINE_LENGTH} characters`);
    for (const line of lines) if (line !== "") yield line;
  }
  rest += decoder.end();
  if (rest !== "") yield rest;
}
