import { createMemoryClock } from "@ballast/system";
import { describe, expect, it } from "vitest";
import { Datastore } from "./index.ts";

function open(): Datastore {
  return new Datastore({ file: ":memory:", clock: createMemoryClock() });
}

const API = { who: "local", source: "api" } as const;
const MOTD = [{ key: "motd", value: "hi" }];

describe("Datastore.commit()", () => {
  it("makes pending values effective, with their source", () => {
    using store = open();
    store.stage("default", MOTD);
    expect(store.effective().get("motd")).toBe("Welcome to Ballast");
    expect(store.commit("default", API)).toEqual(["motd"]);
    expect(store.values().get("motd")).toEqual({ key: "motd", value: "hi", source: "api" });
    expect(store.effective().get("motd")).toBe("hi");
    expect(store.transactions()).toEqual([]);
  });

  it("refuses when nothing is pending", () => {
    using store = open();
    expect(() => store.commit("x", API)).toThrow(
      expect.objectContaining({ code: "datastore.nothing-pending" }),
    );
  });

  it("changes nothing when a rule between settings is broken", () => {
    using store = open();
    store.stage("default", [...MOTD, { key: "api.remote.enabled", value: true }]);
    expect(() => store.commit("default", API)).toThrow(
      expect.objectContaining({
        code: "datastore.rule",
        message: expect.stringContaining("api.remote.ca-certificate"),
      }),
    );
    expect(store.values().size).toBe(0);
    expect(store.pending("default")).toHaveLength(2);
    expect(store.history()).toEqual([]);
  });

  it("takes a value away, so that the default holds again", () => {
    using store = open();
    store.stage("default", MOTD);
    store.commit("default", API);
    store.stage("default", [{ key: "motd", value: null }]);
    expect(store.commit("default", API)).toEqual(["motd"]);
    expect(store.values().size).toBe(0);
  });

  it("answers no key whose value stays the same", () => {
    using store = open();
    store.stage("default", MOTD);
    store.commit("default", API);
    const etag = store.etag();
    store.stage("default", MOTD);
    expect(store.commit("default", API)).toEqual([]);
    expect(store.etag()).toBe(etag);
  });

  it("refuses when the settings were changed since the given ETag", () => {
    using store = open();
    const ifMatch = store.etag();
    store.stage("a", MOTD);
    store.stage("b", [{ key: "motd", value: "other" }]);
    store.commit("a", { ...API, ifMatch });
    expect(() => store.commit("b", { ...API, ifMatch })).toThrow(
      expect.objectContaining({ code: "datastore.changed-meanwhile" }),
    );
    expect(store.effective().get("motd")).toBe("hi");
    expect(store.commit("b", { ...API, ifMatch: store.etag() })).toEqual(["motd"]);
  });
});

describe("Datastore.stage()", () => {
  it("lets the later value win", () => {
    using store = open();
    store.stage("default", MOTD);
    store.stage("default", [{ key: "motd", value: "later" }]);
    expect(store.pending("default")).toEqual([{ key: "motd", value: "later" }]);
  });

  it("bounds the number of transactions", () => {
    using store = open();
    for (let number = 0; number < 64; number += 1) store.stage(`t${number}`, MOTD);
    store.stage("t0", MOTD);
    expect(() => {
      store.stage("one-more", MOTD);
    }).toThrow(expect.objectContaining({ code: "datastore.too-many-transactions" }));
  });
});

describe("Datastore.generate()", () => {
  it("stores a value that nothing was set for, with its source, and tells the history", () => {
    using store = open();
    expect([store.has("updates.seed"), store.generate("updates.seed", 7, "local", "why")]).toEqual([
      false,
      true,
    ]);
    expect(store.values().get("updates.seed")).toMatchObject({ value: 7, source: "generated" });
    expect(store.history()).toMatchObject([
      { source: "generated", note: "why", changes: [{ key: "updates.seed", old: null, value: 7 }] },
    ]);
  });

  it("overrides nothing, whoever set it", () => {
    using store = open();
    store.provision(MOTD, "fw-cfg", "configure");
    store.stage("default", [{ key: "updates.seed", value: 1 }]);
    store.commit("default", API);
    const etag = store.etag();
    expect(store.generate("motd", "made", "local", "why")).toBe(false);
    expect(store.generate("updates.seed", 2, "local", "why")).toBe(false);
    expect(store.etag()).toBe(etag);
  });

  it("makes a value again after it was taken away, and gives way to a value that is set", () => {
    using store = open();
    store.generate("updates.seed", 1, "local", "why");
    store.stage("default", [{ key: "updates.seed", value: null }]);
    store.commit("default", API);
    expect(store.generate("updates.seed", 2, "local", "why")).toBe(true);
    store.stage("default", [{ key: "updates.seed", value: 3 }]);
    store.commit("default", API);
    expect(store.values().get("updates.seed")).toMatchObject({ value: 3, source: "api" });
  });

  it("waits while a commit waits to be confirmed", () => {
    using store = open();
    store.stage("default", MOTD);
    store.commit("default", { ...API, attempt: "t" });
    expect(() => store.generate("updates.seed", 1, "local", "why")).toThrow(
      expect.objectContaining({ code: "datastore.unconfirmed" }),
    );
  });
});

describe("Datastore.provision()", () => {
  it("stores user data and its mark together, once", () => {
    using store = open();
    expect(store.provisioned()).toBeUndefined();
    expect(store.provision(MOTD, "fw-cfg", "configure")).toEqual(["motd"]);
    expect(store.provisioned()).toEqual({ source: "fw-cfg", at: "2026-01-01T00:00:00Z" });
    expect(store.values().get("motd")?.source).toBe("user-data");
    expect(() => store.provision(MOTD, "other", "configure")).toThrow(
      expect.objectContaining({ code: "datastore.already-provisioned" }),
    );
  });

  it("leaves no mark when the data breaks a rule", () => {
    using store = open();
    const bad = [...MOTD, { key: "api.remote.enabled", value: true }];
    expect(() => store.provision(bad, "fw-cfg", "configure")).toThrow("api.remote");
    expect(store.provisioned()).toBeUndefined();
    expect(store.values().size).toBe(0);
  });
});

describe("entries of maps", () => {
  const WEB = [
    { key: "health.web.http", value: "http://127.0.0.1/" },
    { key: "health.web.timeout-seconds", value: 9 },
  ];
  const GONE = { key: "health.web", value: null };
  const NEIGHBOUR = { key: "health.web-2.tcp", value: "127.0.0.1:1" };

  function storeWithEntries(): Datastore {
    const store = open();
    store.stage("default", [...WEB, NEIGHBOUR]);
    store.commit("default", API);
    return store;
  }

  it("go as a whole, and no entry of a longer name with them", () => {
    using store = storeWithEntries();
    store.stage("default", [GONE]);
    expect(store.commit("default", API)).toEqual(WEB.map(({ key }) => key));
    expect([...store.values().keys()]).toEqual([NEIGHBOUR.key]);
    expect(store.history()[0]?.changes).toEqual(
      WEB.map(({ key, value }) => ({ key, action: "unset", old: value })),
    );
  });

  it("can be made anew in the same transaction, without what they held before", () => {
    using store = storeWithEntries();
    store.stage("default", [GONE]);
    store.stage("default", [{ key: "health.web.tcp", value: "127.0.0.1:2" }]);
    store.commit("default", API);
    expect([...store.values().keys()]).toEqual(["health.web-2.tcp", "health.web.tcp"]);
  });

  it("take earlier wishes of the transaction with them when they go", () => {
    using store = storeWithEntries();
    store.stage("default", [{ key: "health.web.timeout-seconds", value: 3 }]);
    store.stage("default", [GONE]);
    expect(store.pending("default")).toEqual([GONE]);
    store.commit("default", API);
    expect([...store.values().keys()]).toEqual([NEIGHBOUR.key]);
  });

  it("that do not exist go without a change", () => {
    using store = open();
    store.stage("default", [GONE]);
    expect(store.commit("default", API)).toEqual([]);
  });

  it("are refused half", () => {
    using store = storeWithEntries();
    store.stage("default", [{ key: "health.web.http", value: null }]);
    expect(() => store.commit("default", API)).toThrow(
      '"health.web" must have exactly one of unit, http, tcp, has none',
    );
  });
});

describe("Datastore.history()", () => {
  it("tells who, when and what, but never the value of a secret", () => {
    using store = open();
    store.stage("default", [...MOTD, { key: "api.remote.server-key", value: "SECRET" }]);
    store.commit("default", { who: "CN=ops serial=1", source: "api" });
    expect(store.history()).toEqual([
      {
        id: 1,
        at: "2026-01-01T00:00:00Z",
        who: "CN=ops serial=1",
        source: "api",
        note: null,
        changes: [
          { key: "api.remote.server-key", action: "set", secret: true },
          { key: "motd", action: "set", value: "hi", old: null },
        ],
      },
    ]);
  });

  it("keeps the last 100 commits", () => {
    using store = open();
    for (let number = 1; number <= 105; number += 1) {
      store.stage("default", [{ key: "motd", value: `v${number}` }]);
      store.commit("default", API);
    }
    const history = store.history();
    expect(history).toHaveLength(100);
    expect(history[0]?.changes[0]?.value).toBe("v105");
    expect(history.at(-1)?.changes[0]?.value).toBe("v6");
  });
});

describe("Datastore.preview()", () => {
  it("tells old and new values, masks secrets and changes nothing", () => {
    using store = open();
    const etag = store.etag();
    store.stage("default", [...MOTD, { key: "api.remote.server-key", value: "SECRET" }]);
    const { changes, before, after } = store.preview("default");
    expect(changes).toEqual([
      { key: "api.remote.server-key", action: "set", secret: true },
      { key: "motd", action: "set", value: "hi", old: null },
    ]);
    expect([before.get("motd"), after.get("motd")]).toEqual(["Welcome to Ballast", "hi"]);
    expect([store.etag(), store.values().size, store.history().length]).toEqual([etag, 0, 0]);
    expect(store.pending("default")).toHaveLength(2);
  });

  it("is refused as the commit would be", () => {
    using store = open();
    expect(() => store.preview("x")).toThrow(
      expect.objectContaining({ code: "datastore.nothing-pending" }),
    );
    store.stage("x", [{ key: "api.remote.enabled", value: true }]);
    expect(() => store.preview("x")).toThrow(expect.objectContaining({ code: "datastore.rule" }));
    expect(() => store.preview("x", '"other"')).toThrow(
      expect.objectContaining({ code: "datastore.changed-meanwhile" }),
    );
    expect(store.effective().get("api.remote.enabled")).toBe(false);
  });
});

describe("a commit that waits to be confirmed", () => {
  const KEY = { key: "api.remote.server-key", value: "SECRET" };

  function waiting(): Datastore {
    const store = open();
    store.provision([...MOTD, KEY], "fw-cfg", "configure");
    store.stage("t", [
      { key: "motd", value: "tried" },
      { key: KEY.key, value: null },
      { key: "boot.trial-limit", value: 700 },
    ]);
    store.commit("t", { ...API, attempt: "token" });
    return store;
  }

  it("keeps others from committing until it is confirmed", () => {
    using store = waiting();
    expect(store.attempt()).toEqual({
      token: "token",
      at: "2026-01-01T00:00:00Z",
      keys: ["api.remote.server-key", "boot.trial-limit", "motd"],
    });
    store.stage("u", [{ key: "motd", value: "other" }]);
    expect(() => store.commit("u", API)).toThrow(
      expect.objectContaining({ code: "datastore.unconfirmed" }),
    );
    expect(store.pending("u")).toHaveLength(1);
    expect(() => {
      store.confirm("wrong");
    }).toThrow(expect.objectContaining({ code: "datastore.not-waiting" }));
    store.confirm("token");
    expect(store.attempt()).toBeUndefined();
    expect(store.effective().get("motd")).toBe("tried");
    expect(store.commit("u", API)).toEqual(["motd"]);
  });

  it("is taken back with values, sources and secrets as they were", () => {
    using store = waiting();
    const etag = store.etag();
    expect(store.takeBack("token", "apiserver", "Not confirmed in time")).toEqual([
      "api.remote.server-key",
      "boot.trial-limit",
      "motd",
    ]);
    expect([...store.values().values()]).toEqual([
      { ...KEY, source: "user-data" },
      { key: "motd", value: "hi", source: "user-data" },
    ]);
    expect(store.etag()).not.toBe(etag);
    expect(store.history()[0]).toMatchObject({ who: "apiserver", note: "Not confirmed in time" });
    expect(JSON.stringify(store.history())).not.toContain("SECRET");
    expect(() => store.takeBack("token", "x", "x")).toThrow(
      expect.objectContaining({ code: "datastore.not-waiting" }),
    );
  });

  it("does not wait when it changes nothing", () => {
    using store = open();
    store.stage("t", [{ key: "motd", value: null }]);
    expect(store.commit("t", { ...API, attempt: "token" })).toEqual([]);
    expect(store.attempt()).toBeUndefined();
  });
});

describe("Datastore.restore()", () => {
  it("stages what leads back, and names secrets that it cannot bring back", () => {
    using store = open();
    store.stage("default", MOTD);
    store.commit("default", API);
    store.stage("default", [
      { key: "motd", value: "later" },
      { key: "health.web.http", value: "http://127.0.0.1/" },
      { key: "api.remote.server-key", value: "SECRET" },
    ]);
    store.commit("default", API);
    expect(store.restore(1, "r")).toEqual({
      changes: [
        { key: "health.web.http", value: null },
        { key: "motd", value: "hi" },
      ],
      skipped: [
        {
          key: "api.remote.server-key",
          reason: "is a secret, which the history does not hold",
        },
      ],
    });
    expect(store.commit("r", API)).toEqual(["health.web.http", "motd"]);
    expect(store.restore(3, "r").changes).toEqual([]);
    expect(store.restore(0, "r").changes).toEqual([{ key: "motd", value: null }]);
    expect(() => store.restore(1, "r")).toThrow(
      expect.objectContaining({ code: "datastore.transaction-in-use" }),
    );
    for (const id of [-1, 4])
      expect(() => store.restore(id, "s")).toThrow(
        expect.objectContaining({ code: "datastore.no-such-commit" }),
      );
  });
});

describe("limits of size", () => {
  it("bounds what is pending and what is set", () => {
    using store = open();
    const entries = (from: number, count: number) =>
      Array.from({ length: count }, (_value, index) => ({
        key: `health.e${from + index}.http`,
        value: `http://127.0.0.1/${"x".repeat(900)}`,
      }));
    const tooLarge = expect.objectContaining({ code: "datastore.too-large" });
    store.stage("a", entries(0, 9000));
    expect(() => store.commit("a", API)).toThrow(tooLarge);
    expect(store.values().size).toBe(0);
    expect(() => {
      store.stage("b", entries(0, 9000));
    }).toThrow(tooLarge);
    expect(store.transactions()).toEqual(["a"]);
  });
});
