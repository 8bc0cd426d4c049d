interface Meaning {
  readonly status: number;
  readonly title: string;
}

const NOT_NOW: Meaning = { status: 409, title: "The update is not possible now" };
const NO_SUCH: Meaning = { status: 404, title: "No such update" };
const BUSY: Meaning = { status: 423, title: "The update agent is at work" };
const FULL: Meaning = { status: 507, title: "The disk is full" };
const REPOSITORY: Meaning = { status: 502, title: "The repository of updates" };
const BAD_RELEASE: Meaning = { status: 502, title: "The release is not what it says" };
const FAILED: Meaning = { status: 500, title: "The update agent failed" };

/** What the update agent refuses because of how things are, which others can change. */
const REFUSALS: Readonly<Record<string, Meaning>> = {
  "update-agent.busy": BUSY,
  "update-agent.no-such-update": NO_SUCH,
  "update-agent.not-allowed": NOT_NOW,
  "update-agent.no-root-of-trust": NOT_NOW,
  "update-agent.not-configured": NOT_NOW,
  "update-agent.fallback-needed": NOT_NOW,
  "update-agent.same-root": NOT_NOW,
  "update-agent.settings": NOT_NOW,
  "update-agent.slot-conflict": NOT_NOW,
  "update-agent.no-space": FULL,
  "update-agent.bad-frame": BAD_RELEASE,
  "update-agent.wrong-chunk": BAD_RELEASE,
  "update-agent.wrong-root-hash": BAD_RELEASE,
};

/** Status of what the update agent has refused; undefined for a code that is not of updates. */
export function refusalMeaning(code: string): Meaning | undefined {
  const known = REFUSALS[code];
  if (known !== undefined) return known;
  if (code.startsWith("tuf.") || code.startsWith("updates.")) return REPOSITORY;
  return code.startsWith("update-agent.") ? FAILED : undefined;
}
