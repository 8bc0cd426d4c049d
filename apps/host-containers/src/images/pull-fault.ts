const DISK_FULL = /no space left on device|disk quota exceeded/i;

/** The kernel's words (ENOSPC, EDQUOT), which containerd passes on. */
export function isDiskFull(text: string): boolean {
  return DISK_FULL.test(text);
}

/** What containerd says of a registry, and what it means. The first that fits; pure. */
const FAULTS: readonly (readonly [RegExp, (match: readonly string[]) => string])[] = [
  // Our own words, before what containerd said.
  [/^no space left on the disk; [^:]*/, ([words]) => words ?? ""],
  [
    /no basic auth credentials/,
    () =>
      "the registry wants to know who asks (no credentials), or does not have it; see container-registry.credentials",
  ],
  [
    /\b(401 Unauthorized|403 Forbidden)\b/,
    ([, status]) => `the registry refuses the credentials (${status})`,
  ],
  [/\b429 Too Many Requests\b/, () => "the registry was asked too often (429 Too Many Requests)"],
  [/\b(5\d\d [A-Z][A-Za-z ]+)$/, ([, status]) => `the registry fails (${status})`],
  [
    /unexpected commit digest (sha256:[0-9a-f]{64}), expected (sha256:[0-9a-f]{64})/,
    ([, got, expected]) => `the registry sends something else: ${got}, must be ${expected}`,
  ],
  [
    /failed size validation: (\d+) != (\d+)/,
    ([, got, size]) => `the registry sends ${got} bytes where ${size} must be`,
  ],
  [
    /failed to read expected number of bytes: unexpected EOF$/,
    () => "the registry ended the connection; the next try goes on there",
  ],
  [
    /no match for platform in manifest/,
    () => "the registry has it, but not for this processor (linux/amd64)",
  ],
  [/: not found$/, () => "the registry does not have it"],
];

const WORDS = /^failed to (?:pull and unpack image|resolve reference) "[^"]*": /;

/** Why a pull failed, for people; containerd's words where nothing better is known. */
export function pullFault(text: string): string {
  for (const [pattern, meaning] of FAULTS) {
    const match = pattern.exec(text);
    if (match !== null) return meaning(match);
  }
  let rest = text;
  while (WORDS.test(rest)) rest = rest.replace(WORDS, "");
  return rest.replace(/^failed to do request: /, "");
}
