import { expect, it } from "vitest";
import { pullFault } from "./pull-fault.ts";

const HEAD = 'failed to pull and unpack image "r.io/a:1": failed to resolve reference "r.io/a:1": ';
const STATUS = "unexpected status from HEAD request to https://r.io/v2/a/manifests/1: ";

it.each([
  [`${HEAD}${STATUS}401 Unauthorized`, "the registry refuses the credentials (401 Unauthorized)"],
  [
    `${HEAD}${STATUS}429 Too Many Requests`,
    "the registry was asked too often (429 Too Many Requests)",
  ],
  [`${HEAD}${STATUS}503 Service Unavailable`, "the registry fails (503 Service Unavailable)"],
  [`${HEAD}r.io/a:1: not found`, "the registry does not have it"],
  [
    `${HEAD}failed to do request: Head "https://r.io/v2/a/manifests/1": dial tcp: lookup r.io: no such host`,
    'Head "https://r.io/v2/a/manifests/1": dial tcp: lookup r.io: no such host',
  ],
  [
    "no space left on the disk; 2 unused images were removed: Cannot pull: write /var: no space left on device",
    "no space left on the disk; 2 unused images were removed",
  ],
  ["something new", "something new"],
])("says what %j means", (text, meaning) => {
  expect(pullFault(text)).toBe(meaning);
});
