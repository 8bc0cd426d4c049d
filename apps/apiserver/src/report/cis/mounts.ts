import { ApiError } from "../../api-error.ts";

export interface Mount {
  readonly target: string;
  readonly type: string;
  readonly source: string;
  /** Major and minor number, `254:0`. */
  readonly device: string;
  readonly options: readonly string[];
}

/** proc_pid_mountinfo(5). Throws when a line is of another form. */
export function parseMounts(text: string): Mount[] {
  return text.split("\n").map((line) => {
    const [left = "", right = ""] = line.split(" - ");
    const [, , device, , target, options] = left.split(" ");
    const [type, source] = right.split(" ");
    if (device === undefined || target === undefined || options === undefined)
      throw new ApiError("apiserver.cannot-look", "Cannot read the mount table");
    if (type === undefined || source === undefined)
      throw new ApiError("apiserver.cannot-look", "Cannot read the mount table");
    return { target: unescape(target), type, source, device, options: options.split(",") };
  });
}

/** What a path lies on: of the longest mount points above it the one that was mounted last. */
export function mountOf(mounts: readonly Mount[], path: string): Mount | undefined {
  const above = mounts.filter(
    ({ target }) => target === "/" || path === target || path.startsWith(`${target}/`),
  );
  return above.toReversed().toSorted((a, b) => b.target.length - a.target.length)[0];
}

/** Blanks and backslashes stand as octal numbers. */
function unescape(text: string): string {
  return text.replaceAll(/\\([0-7]{3})/g, (_, octal: string) =>
    String.fromCharCode(Number.parseInt(octal, 8)),
  );
}
