import { History } from "@ballast/model";
import { expect, it } from "vitest";
import { startMachine, type Machine } from "./machine.ts";

const CLIENTS = 50;
const COMMITS_EACH = 20;

interface Told {
  readonly generation: number;
  readonly motd: string;
  readonly client: number;
  readonly limit: number;
}

/** Commits one after the other in a transaction of its own, as fast as the server answers. */
async function commitAll(machine: Machine, client: number): Promise<Told[]> {
  const told: Told[] = [];
  for (let number = 0; number < COMMITS_EACH; number += 1) {
    const motd = `client ${client} commit ${number}`;
    const limit = 60 + ((client * COMMITS_EACH + number) % 3000);
    const body = { motd, boot: { "trial-limit": limit } };
    const staged = await machine.call("PATCH", `/settings?tx=client-${client}`, { body });
    expect(staged.status).toBe(204);
    const done = await machine.call("POST", `/tx/commit?tx=client-${client}`);
    expect([done.status, done.json]).toEqual([200, ["settings.boot.trial-limit", "settings.motd"]]);
    const generation = Number(/-(\d+)"$/.exec(done.headers.etag ?? "")?.[1]);
    told.push({ generation, motd, client, limit });
  }
  return told;
}

it("1,000 commits by 50 clients at once are in one order, and none is lost", async () => {
  await using machine = await startMachine();
  const started = performance.now();
  const all = await Promise.all(
    Array.from({ length: CLIENTS }, (_value, client) => commitAll(machine, client)),
  );
  const seconds = (performance.now() - started) / 1000;
  const order = all.flat().toSorted((one, two) => one.generation - two.generation);
  // Every commit has a place of its own in one order.
  expect(order.map(({ generation }) => generation)).toEqual(
    Array.from({ length: CLIENTS * COMMITS_EACH }, (_value, index) => index + 1),
  );
  // The order agrees with what each client saw of its own.
  for (const told of all)
    expect(told.map(({ generation }) => generation)).toEqual(
      told.map(({ generation }) => generation).toSorted((one, two) => one - two),
    );
  const last = order.at(-1);
  expect((await machine.call("GET", "/settings?keys=motd,boot.trial-limit")).json).toEqual({
    motd: last?.motd,
    boot: { "trial-limit": last?.limit },
  });
  // Each commit found what the one before it in that order left, both values together.
  const history = History.parse((await machine.call("GET", "/history")).json);
  const expected = order.slice(-100).map((told, index) => {
    const before = order.at(-101 + index);
    return [
      { key: "settings.boot.trial-limit", old: before?.limit, new: told.limit },
      { key: "settings.motd", old: before?.motd, new: told.motd },
    ];
  });
  expect(
    history
      .toReversed()
      .map(({ changes }) => changes.map(({ key, old, new: next }) => ({ key, old, new: next }))),
  ).toEqual(expected);
  expect((await machine.call("GET", "/tx/list")).json).toEqual([]);
  // A line for the log of the tests, so that the speed can be followed.
  process.stdout.write(`1,000 commits by 50 clients: ${seconds.toFixed(1)} s\n`);
}, 180_000);

it("a counter that clients raise under its ETag misses no step", async () => {
  await using machine = await startMachine();
  await machine.set({ motd: "0" });
  let refusals = 0;
  const raise = async (client: number): Promise<void> => {
    for (;;) {
      const read = await machine.call("GET", "/settings?keys=motd");
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the setting is a text
      const count = Number((read.json as { motd: string }).motd);
      const body = { motd: String(count + 1) };
      await machine.call("PATCH", `/settings?tx=c-${client}`, { body });
      const headers = { "if-match": read.headers.etag ?? "" };
      const done = await machine.call("POST", `/tx/commit?tx=c-${client}`, { headers });
      if (done.status === 200) return;
      expect(done.status).toBe(412);
      refusals += 1;
    }
  };
  for (let round = 0; round < 4; round += 1)
    await Promise.all(Array.from({ length: 8 }, (_value, client) => raise(client)));
  expect((await machine.call("GET", "/settings?keys=motd")).json).toEqual({ motd: "32" });
  expect(refusals).toBeGreaterThan(0);
}, 60_000);
