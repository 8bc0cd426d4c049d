import { connect } from "node:net";
import { join } from "node:path";
import { bootsLimitMs, fetchJournal, inLab, type Guest } from "@ballast/testkit";
import { buildProbe, startHostRegistry } from "@ballast/testkit/containers";
import { REPOSITORY } from "@ballast/vm";
import { expect, test } from "vitest";
import { ContainerList } from "@ballast/model";

const REGISTRY_HOST = "registry.test";
const ROUTER = "10.0.7.2";
/** The first and the last workload, and the units in `kills/`. */
const PORT = { first: 8080, last: 8081, killContainerd: 7781, killManager: 7782 } as const;
const CARD = {
  id: "net7",
  mac: "52:54:00:42:00:07",
  plug: `user,net=10.0.7.0/24,${Object.values(PORT)
    .map((port) => `hostfwd=tcp:127.0.0.1:0-:${port}`)
    .join(",")}`,
} as const;
const SOON = { timeout: 300_000, interval: 1000 } as const;
const NAMES = Array.from({ length: 10 }, (_, at) => `c${at}`);

async function set(guest: Guest, settings: unknown): Promise<void> {
  await guest.api.call("PATCH", "/settings", settings);
  await guest.api.call("POST", "/tx/commit_and_apply");
}

async function containers(guest: Guest) {
  return ContainerList.parse(await guest.api.get("/containers"));
}

async function allHealthy(guest: Guest): Promise<void> {
  const healths = async () => (await containers(guest)).map(({ health }) => health);
  await expect.poll(healths, SOON).toEqual(NAMES.map(() => "healthy"));
}

/** What tells one run of a container from another: since when there is which attempt, and when its process began. */
async function runs(guest: Guest) {
  const births = await Promise.all([birth(guest, PORT.first), birth(guest, PORT.last)]);
  const list = await containers(guest);
  return [...list.map(({ name, since, restarts }) => `${name} ${since} ${restarts}`), ...births];
}

/** In ticks of the guest's clock since its boot. */
async function birth(guest: Guest, port: number): Promise<string> {
  const forwarded = await guest.machine.forwardedPort(port);
  const answer = await fetch(`http://127.0.0.1:${forwarded}/`, {
    signal: AbortSignal.timeout(20_000),
  });
  const text = await answer.text();
  expect(text).toMatch(/^\d+$/);
  return text;
}

/** A connection is all that the unit waits for. */
async function kill(guest: Guest, port: number): Promise<void> {
  const forwarded = await guest.machine.forwardedPort(port);
  await new Promise<void>((resolve, reject) => {
    const socket = connect({ host: "127.0.0.1", port: forwarded });
    socket.on("error", reject);
    socket.on("close", () => {
      resolve();
    });
    socket.resume();
  });
}

/** What ends by itself is told why and started again, later each time; nobody else feels it. */
async function expectFailures(guest: Guest, image: string): Promise<void> {
  await set(guest, {
    containers: {
      greedy: { image, args: ["eat", "64"], resources: { memory: "16Mi" } },
      short: { image, args: ["end", "0", "3"] },
    },
  });
  const find = async (name: string) => (await containers(guest)).find((one) => one.name === name);
  await expect
    .poll(() => find("greedy"), SOON)
    .toMatchObject({
      exit_code: 137,
      reason: expect.stringMatching(/^Its last run was killed: out of memory/),
    });
  const waits = async () => {
    const { next_try: next, since, exit_code: code } = (await find("short")) ?? {};
    return code === 3 ? Date.parse(next ?? "") - Date.parse(since ?? "") : Number.NaN;
  };
  await expect.poll(waits, { ...SOON, interval: 500 }).toBeGreaterThanOrEqual(4000);
  await set(guest, { containers: { greedy: null, short: null } });
  await allHealthy(guest);
}

async function count(guest: Guest, message: string): Promise<number> {
  const lines = await fetchJournal(guest.api);
  return lines.filter((line) => line.message.startsWith(message)).length;
}

test(
  "042 ten workloads start in their order, come back after a reboot, and outlive containerd and their manager",
  { timeout: bootsLimitMs(4) },
  inLab(async (lab) => {
    const probe = await buildProbe(lab.directory);
    await using registry = await startHostRegistry(lab.directory, REGISTRY_HOST);
    await registry.pushProbe(probe, "team/probe", "1");
    const image = `${registry.authority}/team/probe:1`;
    const { disk } = await lab.makeDiskWithB({ added: [join(REPOSITORY, "tests/vm/kills")] });

    const guest = await lab.boot({ disk, cards: [CARD] });
    await guest.healthy();
    await set(guest, {
      network: { hosts: [[ROUTER, [REGISTRY_HOST]]] },
      pki: { test: { data: registry.ca, trusted: true } },
      "container-registry": { credentials: { [registry.authority]: registry.credentials } },
    });
    const published = new Map([
      ["c0", [`${PORT.first}:80`]],
      ["c9", [`${PORT.last}:80`]],
    ]);
    const wanted = NAMES.map((name, at) => {
      const [before] = NAMES.slice(at - 1, at);
      const order = before === undefined ? {} : { requires: [before] };
      // Each is healthy when the one before answers it by its name.
      const command = ["/probe", "ask", before ?? "127.0.0.1", "80"];
      const health = at % 2 === 1 ? { command } : { port: 80, path: "/" };
      const ports = published.get(name);
      const more = { ...order, ...(ports === undefined ? {} : { ports }) };
      const checked = { ...health, "interval-seconds": 5, "timeout-seconds": 20 };
      return [name, { image, args: ["serve", "80", "birth"], health: checked, ...more }];
    });
    await set(guest, { containers: Object.fromEntries(wanted) });
    await allHealthy(guest);

    await expectFailures(guest, image);
    // Without the registry: the image is there.
    await registry.stop();
    await guest.reboot();
    await allHealthy(guest);
    // A name is not created before the one that it requires.
    const since = (await containers(guest)).map((one) => one.since ?? "");
    expect(since).toEqual(since.toSorted());
    const before = await runs(guest);

    await kill(guest, PORT.killContainerd);
    const answers = "containerd answers again";
    await expect.poll(() => count(guest, answers), SOON).toBeGreaterThan(0);
    await allHealthy(guest);
    expect(await runs(guest)).toEqual(before);

    const begins = "Manager of containers is running";
    const managers = await count(guest, begins);
    await kill(guest, PORT.killManager);
    await expect.poll(() => count(guest, begins), SOON).toBe(managers + 1);
    await allHealthy(guest);
    expect(await runs(guest)).toEqual(before);
    await guest.healthy();
  }),
);
