import type { Readable } from "node:stream";
import { StringDecoder } from "node:string_decoder";

const LINE_MAX_LENGTH = 256 * 1024;
const LEFT_OUT = `[a line of more than ${LINE_MAX_LENGTH} characters was left out]`;

/** Lines of a stream as they come, several at a time; one that is too long is left out, never cut: a part might be a secret. */
export async function* boundedLines(stream: Readable): AsyncGenerator<string[]> {
  const decoder = new StringDecoder("utf8");
  let rest = "";
  let isTooLong = false;
  for await (const chunk of stream) {
    const lines = (rest + decoder.write(Buffer.from(chunk))).split("\n");
    rest = lines.pop() ?? "";
    if (isTooLong && lines.length > 0) {
      lines[0] = LEFT_OUT;
      isTooLong = false;
    }
    if (rest.length > LINE_MAX_LENGTH || isTooLong) {
      isTooLong = true;
      rest = "";
    }
    const whole = lines.map((line) => (line.length > LINE_MAX_LENGTH ? LEFT_OUT : line));
    if (whole.length > 0) yield whole;
  }
  rest += decoder.end();
  if (isTooLong) yield [LEFT_OUT];
  else if (rest !== "") yield [rest];
}
