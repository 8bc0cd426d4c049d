import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { generatePrivateKey, signingKey, signRoot, type SigningKey } from "@ballast/tuf/repository";
import { afterEach, beforeEach, expect, it } from "vitest";
import { describeError } from "@ballast/errors";
import { addRootOfTrust, rootOfTrustFile } from "./add-root-of-trust.ts";
import { RootTree } from "./entry.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "ballast-root-of-trust-"));
});
afterEach(() => rm(folder, { recursive: true }));

const KEYS = [1, 2, 3].map(() => signingKey(generatePrivateKey()));

/** Two of three keys, expired long ago: the chain of newer roots begins with it all the same. */
function rootText(signers: readonly SigningKey[]): string {
  const two = { keys: KEYS, threshold: 2 };
  const roles = { root: two, targets: two, snapshot: two, timestamp: two };
  return signRoot(
    { version: 7, expires: Temporal.Instant.from("2020-01-01T00:00:00Z"), roles },
    signers,
  ).text;
}

async function carried(named?: string): Promise<string | undefined> {
  const tree = new RootTree();
  await addRootOfTrust(tree, named, folder);
  const data = tree.get("usr/share/ballast/updates/root.json")?.data;
  return data === undefined ? undefined : Buffer.from(data).toString();
}

const refusal = async (): Promise<string> => carried().then(String, describeError);

it("carries the usual file as it is, or the named one, and none if there is none", async () => {
  expect(await carried()).toBeUndefined();
  const [usual, other] = [rootText(KEYS), rootText(KEYS.slice(1))];
  await writeFile(join(folder, "root.json"), usual);
  await writeFile(join(folder, "other.json"), other);
  expect(await carried()).toBe(usual);
  expect(await carried(join(folder, "other.json"))).toBe(other);
});

it("refuses what no machine could begin with", async () => {
  const file = join(folder, "root.json");
  await writeFile(file, rootText(KEYS.slice(2)));
  expect(await refusal()).toContain("not signed by as many of its own keys");
  await writeFile(file, rootText(KEYS).replace('"version": 7', '"version": 8'));
  expect(await refusal()).toContain("not signed by as many of its own keys");
  await writeFile(file, "{}");
  expect(await refusal()).toContain("is no root metadata of TUF");
  await writeFile(file, "not JSON");
  expect(await refusal()).toContain("is no root metadata of TUF");
  await expect(carried(join(folder, "absent.json"))).rejects.toMatchObject({
    code: "build.bad-root-of-trust",
  });
});

it("counts a key under two names once", async () => {
  const [one, two] = KEYS.map(({ key }) => String(key.keyVal["public"]));
  const text = rootText(KEYS).replaceAll(String(two), String(one));
  await writeFile(join(folder, "root.json"), text);
  expect(await refusal()).toContain("under more than one identifier");
});

it("takes files of the one folder that turbo looks into", () => {
  expect(rootOfTrustFile({})).toBeUndefined();
  expect(rootOfTrustFile({ BALLAST_UPDATES_ROOT: "images/updates/staging.json" })).toMatch(
    /\/images\/updates\/staging\.json$/,
  );
  for (const given of ["/etc/root.json", "images/updates/../root.json", "images/updates"])
    expect(() => rootOfTrustFile({ BALLAST_UPDATES_ROOT: given })).toThrow(
      "must be a file in images/updates",
    );
});
