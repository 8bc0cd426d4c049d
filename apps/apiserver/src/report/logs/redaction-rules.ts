export interface RedactionRule {
  readonly kind: string;
  /** In lower case: a line without any of these cannot match. Spares most lines the expressions. */
  readonly hints: readonly string[];
  readonly pattern: RegExp;
  /** What stays of a match; the rest gives way to the mark. */
  readonly keep: (match: readonly string[], mark: string) => string;
}

const NAMES =
  "(?:password|passwd|passphrase|secret|token|api[_-]?key|access[_-]?key|private[_-]?key|credentials?|signature|session[_-]?id|pwd)";
const NAME_HINTS = [
  "passw",
  "passphrase",
  "secret",
  "token",
  "key",
  "credential",
  "signature",
  "session",
  "pwd",
];

const alone: RedactionRule["keep"] = (_match, mark) => mark;
const behind: RedactionRule["keep"] = ([, lead = ""], mark) => `${lead}${mark}`;

/** Names of members of JSON whose texts are secrets. */
export const SECRET_NAME = new RegExp(`${NAMES}$|^(?:proxy-)?authorization$|cookie$|^auth$`, "i");

/**
 * Secrets by their form, in any program's words. Rather too much than too little: who reads the archive misses a word, who
 * sends it must not give away a key.
 */
export const REDACTION_RULES: readonly RedactionRule[] = [
  {
    kind: "authorization",
    hints: ["authorization"],
    pattern: /(authorization\W{1,8}digest\s).*$/gi,
    keep: behind,
  },
  {
    kind: "authorization",
    hints: ["authorization"],
    pattern:
      /(authorization\\*["']?\s*[:=]\s*(?:\[|\\*["'])*)(?!digest \[|\[?redacted )[^\s"'\\[\]][^"'\\\]]*/gi,
    keep: behind,
  },
  {
    kind: "cookie",
    hints: ["cookie"],
    pattern: /(cookie\\*["']?\s*[:=]\s*(?:\[|\\*["'])*)[^\s"'\\[\]][^"'\\\]]*/gi,
    keep: behind,
  },
  {
    kind: "authorization",
    hints: ["bearer"],
    pattern: /(\bbearer\s+)(?!\[redacted)[A-Za-z0-9._~+/=-]{6,}/gi,
    keep: behind,
  },
  {
    kind: "authorization",
    hints: ["basic"],
    // An ordinary word after "basic" has neither digits nor capitals in its midst.
    pattern: /(\b[Bb]asic\s+)(?=[A-Za-z+/]*[0-9A-Z+/=])[A-Za-z0-9+/]{6,}={0,2}/g,
    keep: behind,
  },
  {
    kind: "credentials",
    hints: ["://"],
    pattern: /([a-z][a-z0-9+.-]*:\/\/)[^\s"'<>/\\]*@/gi,
    keep: ([, lead = ""], mark) => `${lead}${mark}@`,
  },
  {
    kind: "credentials",
    hints: ["@"],
    // A digest of an image has the same form.
    pattern: /(^|[\s"'=(])[\w.+-]+:[^\s:@/"'\\[\]]{3,}@(?!sha\d)(?=[\w.-])/g,
    keep: ([, lead = ""], mark) => `${lead}${mark}@`,
  },
  {
    kind: "secret",
    hints: ["--"],
    pattern: new RegExp(String.raw`(--?[\w-]*${NAMES}\s+)(?!\[redacted)[^\s-]\S*`, "gi"),
    keep: behind,
  },
  {
    kind: "secret",
    hints: [" -u "],
    pattern: /(\s-u\s+)[^\s:]+:\S+/g,
    keep: behind,
  },
  {
    kind: "secret",
    hints: NAME_HINTS,
    pattern: new RegExp(
      String.raw`(${NAMES}[\w.-]*\\*["']?\s*[=:]\s*)(?:(\\*)(["'])(.*?)(?<!\\)\2\3|(\\*["'].*$)|([^\s"',;&\\[{}\]]+))`,
      "gi",
    ),
    keep: (
      [whole = "", lead = "", slashes = "", quote = "", quoted = "", open = "", bare = ""],
      mark,
    ) =>
      /^(?:true|false|null|\d{1,5}|)$/.test(quoted + open + bare)
        ? whole
        : `${lead}${slashes}${quote}${mark}${slashes}${quote}`,
  },
  {
    kind: "secret",
    hints: ["auth"],
    pattern: /(\bauth\\*"\s*:\s*\\*")[^"\\]+/gi,
    keep: behind,
  },
  {
    kind: "token",
    hints: ["eyj"],
    pattern: /\beyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]*)?/g,
    keep: alone,
  },
  {
    kind: "token",
    hints: ["gh", "glpat-", "dckr_pat_", "xox", "npm_", "akia", "asia"],
    pattern:
      /\b(?:(?:gh[opsru]_|github_pat_|glpat-|dckr_pat_|xox[abprs]-|npm_)[A-Za-z0-9_-]{10,}|(?:AKIA|ASIA)[A-Z0-9]{12,})/g,
    keep: alone,
  },
  {
    kind: "private key",
    hints: ["ls0tls1crudjt"],
    // "-----BEGIN" in base64.
    pattern: /LS0tLS1CRUdJT[A-Za-z0-9+/=]*/g,
    keep: alone,
  },
  {
    kind: "password hash",
    hints: ["$"],
    pattern: /\$(?:1|2[aby]|5|6|7|y|argon2\w*)\$[^\s:"'\\]{8,}/g,
    keep: alone,
  },
];
