import { readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Key } from "@tufjs/models";
import type { RoleKeys } from "../repository/metadata.ts";
import type { TufError } from "../errors.ts";
import type { TufClient } from "./tuf-client.ts";
import {
  clockAt,
  days,
  KEYS,
  newKey,
  publish,
  root,
  sha256,
  startWorld,
  STRANGER,
  type Publication,
  type World,
} from "./repository.fixture.ts";

let world: World;
beforeEach(async () => {
  world = await startWorld(publish());
});
afterEach(async () => {
  await world[Symbol.asyncDispose]();
});

function put(publication: Publication): void {
  for (const [path, body] of publish(publication)) world.files.set(path, body);
}

function putRoot(
  version: number,
  ...rest: [Parameters<typeof root>[1]?, Parameters<typeof root>[2]?]
): void {
  world.files.set(`/metadata/${version}.root.json`, root(version, ...rest));
}

/** The code with which it ends; `trusted` if it does not end. */
async function outcome(client: TufClient = world.client()): Promise<string> {
  try {
    await using _ = await client.refresh();
    return "trusted";
  } catch (error) {
    if (error instanceof Error && "code" in error) return String(error.code);
    throw error;
  }
}

async function read(name = "a.txt", client = world.client()): Promise<string> {
  await using snapshot = await client.refresh();
  return (await snapshot.read(name, 1_000_000)).toString();
}

describe("a repository that is as it should be", () => {
  it("is trusted, and its targets are what was signed", async () => {
    expect(await read()).toBe("alpha");
    put({ version: 2, targets: { "a.txt": "beta", "b.txt": "" } });
    expect(await read()).toBe("beta");
    expect(await read("b.txt")).toBe("");
    await expect(read("c.txt")).rejects.toMatchObject({ code: "tuf.no-such-target" });
    expect((await readdir(world.stateFolder)).toSorted()).toEqual([
      ...["snapshot.json", "targets.json", "timestamp.json"],
    ]);
  });

  it("is asked only for its timestamp and a newer root when there is nothing new", async () => {
    await read();
    world.asked.length = 0;
    await using _ = await world.client().refresh();
    expect(world.asked).toEqual(["/metadata/2.root.json", "/metadata/timestamp.json"]);
  });
});

describe("somebody shows an old state", () => {
  it("refuses an expired timestamp, snapshot and targets", async () => {
    put({ version: 2, timestampRole: { expires: days(-1) } });
    expect(await outcome()).toBe("tuf.expired");
    put({ version: 3, snapshotRole: { expires: days(-1) } });
    expect(await outcome()).toBe("tuf.expired");
    put({ version: 4, targetsRole: { expires: days(-1) } });
    expect(await outcome()).toBe("tuf.expired");
    put({ version: 5 });
    expect(await outcome()).toBe("trusted");
  });

  it("refuses an expired last root", async () => {
    putRoot(2, { expires: days(-1) });
    expect(await outcome()).toBe("tuf.expired");
    // One in between may be: the last one counts.
    putRoot(3);
    expect(await outcome()).toBe("trusted");
  });

  it("refuses to go back in timestamp, snapshot and targets, also after a restart", async () => {
    put({ version: 5 });
    expect(await outcome()).toBe("trusted");
    put({ version: 4 });
    expect(await outcome()).toBe("tuf.rollback");
    put({ version: 6, snapshotRole: { version: 4 } });
    expect(await outcome()).toBe("tuf.rollback");
    put({ version: 7, targetsRole: { version: 4 } });
    expect(await outcome()).toBe("tuf.rollback");
    put({ version: 8 });
    expect(await outcome()).toBe("trusted");
  });

  it("keeps the version of a timestamp whose snapshot it never saw", async () => {
    const files = publish({ version: 9 });
    world.files.set("/metadata/timestamp.json", files.get("/metadata/timestamp.json") ?? "");
    expect(await outcome()).toBe("tuf.not-found");
    put({ version: 8 });
    expect(await outcome()).toBe("tuf.rollback");
  });

  it("refuses parts of two states", async () => {
    const newer = publish({ version: 2, targets: { "a.txt": "beta" } });
    const older = publish({ version: 1, targets: { "a.txt": "alpha" } });
    for (const [path, body] of [...older, ...newer]) world.files.set(path, body);
    world.files.set("/metadata/2.targets.json", older.get("/metadata/1.targets.json") ?? "");
    expect(await outcome()).toBe("tuf.wrong-content");
    await rm(world.stateFolder, { recursive: true });
    world.files.set("/metadata/2.targets.json", newer.get("/metadata/2.targets.json") ?? "");
    world.files.set("/metadata/2.snapshot.json", older.get("/metadata/1.snapshot.json") ?? "");
    expect(await outcome()).toBe("tuf.wrong-content");
  });

  it("does not follow a clock that is before the image, and calls all expired in 2100", async () => {
    const at = (time: string) => world.client({ clock: clockAt(time) });
    expect(await outcome(at("1970-01-01T00:00:00Z"))).toBe("tuf.clock");
    expect(await outcome(at("2025-12-31T23:59:59Z"))).toBe("tuf.clock");
    expect(await outcome(at("2100-01-01T00:00:00Z"))).toBe("tuf.expired");
  });
});

describe("an operator vouches for a bundle", () => {
  it.each(["1970-01-01T00:00:00Z", "2100-01-01T00:00:00Z"])(
    "passes over expiry, and over nothing else, whatever the clock says: %s",
    async (time) => {
      const client = () => world.client({ ignoreExpiry: true, clock: clockAt(time) });
      expect(await outcome(client())).toBe("trusted");
      put({ version: 2, timestampRole: { signers: [STRANGER] } });
      expect(await outcome(client())).toBe("tuf.threshold");
      put({ version: 1 });
      put({ version: 3 });
      expect(await outcome(client())).toBe("trusted");
      put({ version: 2 });
      expect(await outcome(client())).toBe("tuf.rollback");
    },
  );
});

describe("signatures", () => {
  it.each(["timestampRole", "snapshotRole", "targetsRole"] as const)(
    "refuses %s by a stranger, by nobody, or by the key of another role",
    async (role) => {
      for (const [index, signers] of [[STRANGER], [], KEYS.root].entries()) {
        put({ version: index + 2, [role]: { signers } });
        expect(await outcome()).toBe("tuf.threshold");
      }
    },
  );

  it("refuses a root that too few signed, by the old or by the new keys", async () => {
    putRoot(2, {}, [KEYS.root[0]]);
    expect(await outcome()).toBe("tuf.threshold");
    putRoot(2, {}, [KEYS.root[0], STRANGER]);
    expect(await outcome()).toBe("tuf.threshold");
    const fresh = [newKey(), newKey()];
    const changes = { roles: rolesWith({ keys: fresh, threshold: 2 }) };
    putRoot(2, changes, KEYS.root);
    expect(await outcome()).toBe("tuf.threshold");
    putRoot(2, changes, fresh);
    expect(await outcome()).toBe("tuf.threshold");
    putRoot(2, changes, [...fresh, ...KEYS.root]);
    expect(await outcome()).toBe("trusted");
  });

  it("counts a signature once, whatever often it stands there", async () => {
    const text = root(2, {}, [KEYS.root[0]]);
    const json: { signatures: unknown[] } = JSON.parse(text);
    json.signatures.push(...json.signatures);
    world.files.set("/metadata/2.root.json", JSON.stringify(json));
    expect(await outcome()).toBe("tuf.bad-metadata");
  });

  it("counts a key once, whatever often it is named", async () => {
    const [one] = KEYS.root;
    const alias = {
      ...one,
      id: "alias",
      key: Key.fromJSON("alias", { ...one.key.toJSON() }),
      sign: (bytes: Buffer) => Object.assign(one.sign(bytes), { keyID: "alias" }),
    };
    const changes = { roles: rolesWith({ keys: [one, alias], threshold: 2 }) };
    putRoot(2, changes, [...KEYS.root, alias]);
    expect(await outcome()).toBe("tuf.threshold");
  });

  it("does not take a signature of other content", async () => {
    const text = String(world.files.get("/metadata/timestamp.json"));
    world.files.set("/metadata/timestamp.json", text.replace('"version": 1', '"version": 7'));
    expect(await outcome()).toBe("tuf.threshold");
  });
});

describe("rotation of the root", () => {
  const generations = [KEYS.root, [newKey(), newKey()], [newKey(), newKey()], [newKey(), newKey()]];

  function rotate(from: number, to: number): void {
    for (let version = from; version <= to; version++) {
      const [old, fresh] = [generations[version - 2], generations[version - 1]];
      if (old === undefined || fresh === undefined) throw new Error("no such generation");
      putRoot(version, { roles: rolesWith({ keys: fresh, threshold: 2 }) }, [...old, ...fresh]);
    }
  }

  it("follows a chain, and holds to its end when the server hides it", async () => {
    rotate(2, 4);
    expect(await outcome()).toBe("trusted");
    expect((await readdir(join(world.stateFolder, "roots"))).toSorted()).toEqual([
      ...["2.json", "3.json", "4.json"],
    ]);
    // The keys of before have no say any more.
    for (const version of [2, 3, 4]) world.files.delete(`/metadata/${version}.root.json`);
    world.files.set("/metadata/5.root.json", root(5));
    expect(await outcome()).toBe("tuf.threshold");
  });

  it("does not jump over a version, nor take one for another", async () => {
    rotate(2, 4);
    world.files.delete("/metadata/3.root.json");
    // What is behind the gap is never asked for.
    expect(await outcome()).toBe("trusted");
    world.files.set("/metadata/3.root.json", String(world.files.get("/metadata/4.root.json")));
    expect(await outcome()).toMatch(/tuf\.(threshold|rollback)/);
  });

  it("follows a thousand, and stops", async () => {
    for (let version = 2; version <= 1030; version++) putRoot(version, {}, KEYS.root.slice(0, 2));
    world.asked.length = 0;
    expect(await outcome()).toBe("trusted");
    expect(world.asked.filter((path) => path.includes("root"))).toHaveLength(1024);
  }, 60_000);

  it("does not believe its own disk", async () => {
    rotate(2, 2);
    expect(await outcome()).toBe("trusted");
    const foreign = [newKey(), newKey()];
    const fake = root(2, { roles: rolesWith({ keys: foreign, threshold: 2 }) }, foreign);
    await writeFile(join(world.stateFolder, "roots/2.json"), fake);
    const damages: string[] = [];
    const onDamage = ({ code }: TufError) => damages.push(code);
    expect(await outcome(world.client({ onDamage }))).toBe("trusted");
    expect(damages).toEqual(["tuf.threshold"]);
    expect(await readFile(join(world.stateFolder, "roots/2.json"), "utf8")).not.toBe(fake);
    await writeFile(join(world.stateFolder, "timestamp.json"), "{");
    await writeFile(join(world.stateFolder, "snapshot.json"), "");
    expect(await outcome()).toBe("trusted");
  });
});

describe("hostile documents", () => {
  it.each([
    ["no JSON", "<html>", "tuf.bad-metadata"],
    ["nothing", "", "tuf.bad-metadata"],
    ["null", "null", "tuf.bad-metadata"],
    ["another kind", "snapshot", "tuf.bad-metadata"],
    ["deep", "[".repeat(8000), "tuf.bad-metadata"],
    ["huge", "x".repeat(17 * 1024), "tuf.too-long"],
  ])("refuses a timestamp that is %s", async (_what, body, code) => {
    const snapshot = String(world.files.get("/metadata/1.snapshot.json"));
    world.files.set("/metadata/timestamp.json", body === "snapshot" ? snapshot : body);
    expect(await outcome()).toBe(code);
  });

  it("refuses a target of another content, of another length", async () => {
    const path = `/targets/${sha256("alpha")}.a.txt`;
    world.files.set(path, "alphA");
    await expect(read()).rejects.toMatchObject({ code: "tuf.wrong-content" });
    world.files.set(path, "alph");
    await expect(read()).rejects.toMatchObject({ code: "tuf.wrong-content" });
    world.files.set(path, "alpha and more");
    await expect(read()).rejects.toMatchObject({ code: "tuf.too-long" });
  });

  it("does not read more than there is room for", async () => {
    put({ version: 2, targets: { "a.txt": "x".repeat(5000) } });
    await using snapshot = await world.client().refresh();
    await expect(snapshot.read("a.txt", 4999)).rejects.toMatchObject({ code: "tuf.too-long" });
  });

  it.each(["../../etc/passwd", "a/../b", "./a", "/a", "a//b", "a/", ""])(
    "asks for nothing outside of the folder of targets: %j",
    async (name) => {
      put({ version: 2, targets: { [name]: "root" } });
      await using snapshot = await world.client().refresh();
      world.asked.length = 0;
      await expect(snapshot.read(name, 100)).rejects.toMatchObject({ code: "tuf.bad-metadata" });
      expect(world.asked).toEqual([]);
    },
  );

  it("finds a target in a folder, whatever characters its name has", async () => {
    const name = "x y/ä?#%.txt";
    put({ version: 2, targets: { [name]: "found" } });
    const prefixed = `x y/${sha256("found")}.ä?#%.txt`;
    world.files.set(`/targets/${prefixed}`, "found");
    expect(await read(name)).toBe("found");
  });
});

function rolesWith(rootRole: RoleKeys) {
  return {
    root: rootRole,
    targets: { keys: KEYS.targets, threshold: 1 },
    snapshot: { keys: KEYS.snapshot, threshold: 1 },
    timestamp: { keys: KEYS.timestamp, threshold: 1 },
  };
}
