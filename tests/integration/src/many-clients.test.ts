import { History } from "@ballast/model";
import { expect, it } from "vitest";
import * as z from "zod";
import type { Reply } from "./http-call.ts";
import { startMachine, type Machine } from "./machine.ts";

const CLIENTS = 50;
const COMMITS_EACH = 20;

interface State {
  readonly motd: string;
  readonly limit: number;
}

/** What one client was told: of a commit of its own, or of a look at the settings. */
interface Told {
  readonly client: number;
  readonly generation: number;
  /** Of a commit: what it set, one setting or both, always to values that nobody else sets. */
  readonly wish?: Partial<State>;
  /** Of a look: what it saw. */
  readonly seen?: State;
}

const Seen = z.object({ motd: z.string(), boot: z.object({ "trial-limit": z.number() }) });

function generationOf({ headers }: Reply): number {
  return Number(/-(\d+)"$/.exec(headers.etag ?? "")?.[1]);
}

async function look(machine: Machine, client: number): Promise<Told> {
  const reply = await machine.call("GET", "/settings?keys=motd,boot.trial-limit");
  const { motd, boot } = Seen.parse(reply.json);
  return { client, generation: generationOf(reply), seen: { motd, limit: boot["trial-limit"] } };
}

function wishOf(client: number, number: number): Partial<State> {
  const motd = `client ${client} commit ${number}`;
  const limit = 60 + client * COMMITS_EACH + number;
  return [{ motd, limit }, { motd }, { limit }][(client + number) % 3] ?? {};
}

/** Looks and commits in turn, in a transaction of its own, as fast as the server answers. */
async function lookAndCommit(machine: Machine, client: number): Promise<Told[]> {
  const told: Told[] = [];
  for (let number = 0; number < COMMITS_EACH; number += 1) {
    told.push(await look(machine, client));
    const wish = wishOf(client, number);
    const { motd, limit } = wish;
    const body = {
      ...(motd === undefined ? {} : { motd }),
      ...(limit === undefined ? {} : { boot: { "trial-limit": limit } }),
    };
    const staged = await machine.call("PATCH", `/settings?tx=client-${client}`, { body });
    expect(staged.status).toBe(204);
    const done = await machine.call("POST", `/tx/commit?tx=client-${client}`);
    expect([done.status, done.json]).toEqual([200, changesOf(wish).map(({ key }) => key)]);
    told.push({ client, generation: generationOf(done), wish });
  }
  told.push(await look(machine, client));
  return told;
}

function stateAt(states: readonly State[], generation: number): State {
  const state = states[generation];
  if (state === undefined) throw new Error(`There is no state ${generation}`);
  return state;
}

function changesOf({ motd, limit }: Partial<State>, before?: State) {
  return [
    { key: "settings.boot.trial-limit", old: before?.limit, new: limit },
    { key: "settings.motd", old: before?.motd, new: motd },
  ].filter((change) => change.new !== undefined);
}

it("1,000 commits by 50 clients at once are in one order, and none is lost", async () => {
  await using machine = await startMachine();
  const first = await look(machine, -1);
  const started = performance.now();
  const all = await Promise.all(
    Array.from({ length: CLIENTS }, (_value, client) => lookAndCommit(machine, client)),
  );
  const seconds = (performance.now() - started) / 1000;
  const commits = all
    .flat()
    .filter(({ wish }) => wish !== undefined)
    .toSorted((one, two) => one.generation - two.generation);
  // Every commit has a place of its own in one order.
  expect(commits.map(({ generation }) => generation)).toEqual(
    Array.from({ length: CLIENTS * COMMITS_EACH }, (_value, index) => index + 1),
  );
  // The commits done in that order, one after the other, give these states.
  const states: State[] = [first.seen ?? { motd: "", limit: 0 }];
  for (const { wish } of commits) states.push({ ...stateAt(states, states.length - 1), ...wish });
  // The order agrees with what each client lived through,
  for (const told of all)
    for (const [index, { generation, wish }] of told.entries()) {
      const before = told[index - 1]?.generation ?? 0;
      expect(generation).toBeGreaterThanOrEqual(wish === undefined ? before : before + 1);
    }
  // and whoever looked saw one of these states as a whole.
  const looks = all.flat().filter(({ seen }) => seen !== undefined);
  expect(looks.map(({ seen }) => seen)).toEqual(looks.map(({ generation }) => states[generation]));
  // So does the end, and the history: each commit found what the one before it left.
  expect((await look(machine, -1)).seen).toEqual(states.at(-1));
  const { json } = await machine.call("GET", "/history");
  const kept = History.parse(json).toReversed();
  expect(kept).toHaveLength(100);
  expect(
    kept.map(({ changes }) => changes.map(({ key, old, new: next }) => ({ key, old, new: next }))),
  ).toEqual(
    commits
      .slice(-100)
      .map(({ generation, wish = {} }) => changesOf(wish, stateAt(states, generation - 1))),
  );
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
