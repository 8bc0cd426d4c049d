const FAULTS: readonly (readonly [RegExp, (match: readonly string[]) => string])[] = [
  [/no command specified/, () => "its image names no program, and command is not set"],
  [
    /exec: ("[^"]*"): (?:stat [^:]*: )?(no such file or directory|executable file not found in \$PATH|permission denied|is a directory)/,
    ([, program, fault]) => `it cannot run ${program}: ${fault}`,
  ],
  [/exec format error/, () => "its program is for another processor, or no program"],
  [
    /(?:no users found|mount callback failed on .*\/etc\/passwd: no such file|unable to find user)/,
    () => "its image has no such user as the image says it runs as; set user to a number",
  ],
];

/** What comes before what runc says, and after it. */
const WORDS =
  /^failed to create containerd task: failed to create shim task: OCI runtime create failed: runc create failed: (?:unable to start container process: )?(?:error during container init: )?/;

/** Why a container could not be made or started, for people; containerd's words where nothing better is known. Pure. */
export function startFault(text: string): string {
  for (const [pattern, meaning] of FAULTS) {
    const match = pattern.exec(text);
    if (match !== null) return meaning(match);
  }
  return WORDS.test(text) ? text.replace(WORDS, "").replace(/: unknown$/, "") : text;
}
