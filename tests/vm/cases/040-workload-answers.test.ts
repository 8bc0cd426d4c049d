import { createServer } from "node:http";
import { bootsLimitMs, inLab, runApiclient, type AllowedLine, type Guest } from "@ballast/testkit";
import { buildProbe, startHostRegistry } from "@ballast/testkit/containers";
import { expect, test } from "vitest";

const REGISTRY_HOST = "registry.test";
/** A network on which the guest meets the machine that tests, and its published port is forwarded. */
const CARD = {
  id: "net7",
  mac: "52:54:00:40:00:07",
  plug: "user,net=10.0.7.0/24,hostfwd=tcp:127.0.0.1:0-:8080",
} as const;
const ROUTER = "10.0.7.2";
/** As in a cloud: a server that tells secrets of the machine to whoever reaches it. */
const METADATA = "169.254.169.254";
const METADATA_CARD = {
  id: "metadata",
  mac: "52:54:00:40:00:08",
  plug: `user,net=169.254.169.0/24,host=${METADATA}`,
} as const;
const WRONG_DIGEST: AllowedLine = {
  pattern: /^A step failed and is tried again container=wrong step=prepare-image /,
  reason:
    "The case asks for an image that the registry does not have; a try may be under way when the registry ends.",
};
/** Of the probe, when the kernel refuses. */
const REFUSED = 111;
const SOON = { timeout: 120_000, interval: 1000 } as const;

async function set(guest: Guest, settings: unknown): Promise<unknown> {
  await guest.api.call("PATCH", "/settings", settings);
  return guest.api.call("POST", "/tx/commit_and_apply");
}

/** What the workload's published port answers on the machine that tests; the error's text if it does not. */
async function ask(guest: Guest): Promise<string> {
  const port = await guest.machine.forwardedPort(8080);
  try {
    const answer = await fetch(`http://127.0.0.1:${port}/`, { signal: AbortSignal.timeout(5000) });
    return (await answer.text()).trim();
  } catch (error) {
    return String(error);
  }
}

async function container(guest: Guest, name: string): Promise<unknown> {
  const list = await guest.api.get("/containers");
  const isIt = (one: unknown): boolean =>
    typeof one === "object" && one !== null && "name" in one && one.name === name;
  return Array.isArray(list) ? list.find(isIt) : list;
}

/** Of containers that run once, side by side, and are gone afterwards. */
async function exitCodes(
  guest: Guest,
  image: string,
  wanted: Readonly<Record<string, object>>,
): Promise<Record<string, unknown>> {
  const names = Object.keys(wanted);
  const each = (value: (name: string) => unknown) =>
    Object.fromEntries(names.map((name) => [name, value(name)]));
  const once = { image, restart: "never" };
  await set(guest, { containers: each((name) => ({ ...once, ...wanted[name] })) });
  const codes: Record<string, unknown> = {};
  for (const name of names) {
    await expect.poll(() => container(guest, name), SOON).toMatchObject({ state: "ended" });
    const ended = await container(guest, name);
    if (typeof ended === "object" && ended !== null && "exit_code" in ended)
      codes[name] = ended.exit_code;
  }
  await set(guest, { containers: each(() => null) });
  for (const name of names) await expect.poll(() => container(guest, name), SOON).toBe(undefined);
  return codes;
}

async function exitCode(guest: Guest, image: string, args: readonly string[]): Promise<unknown> {
  return (await exitCodes(guest, image, { once: { args } }))["once"];
}

/** The machine reaches it, and a workload only if it may. */
async function expectNoMetadata(guest: Guest, image: string): Promise<void> {
  let count = 0;
  const server = createServer((_request, response) => response.end(`secret ${++count}`));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("It has no port");
  const http = `http://${METADATA}:${address.port}/`;
  await set(guest, { health: { metadata: { http } } });
  const check = { name: "health.metadata", status: "ok" };
  await expect
    .poll(() => guest.api.get("/health"), SOON)
    .toMatchObject({ checks: expect.arrayContaining([expect.objectContaining(check)]) });
  await set(guest, { health: { metadata: null } });
  // The same server by another address: the workload has a way out.
  expect(await exitCode(guest, image, ["ask", ROUTER, String(address.port)])).toBe(0);
  const before = count;
  const refused = await exitCode(guest, image, ["ask", METADATA, String(address.port)]);
  expect(refused).not.toBe(0);
  expect(count).toBe(before);
  const args = ["ask", METADATA, String(address.port)];
  const allowed = { args, "allow-link-local": true };
  expect(await exitCodes(guest, image, { allowed })).toEqual({ allowed: 0 });
  expect(count).toBe(before + 1);
  server.close();
}

/** By the remote API: bytes in both directions, errors apart, the command's own end, and what the container printed. */
async function expectCommands(guest: Guest): Promise<void> {
  const run = (args: readonly string[], input?: string) =>
    runApiclient(guest, ["exec", "-T", "web", "--", "/probe", ...args], input);
  const bytes = "x".repeat(1_000_000);
  expect(await run(["cat"], bytes)).toMatchObject({ exitCode: 0, stdout: bytes, stderr: "" });
  expect(await run(["say", "out", "err"])).toMatchObject({ stdout: "out\n", stderr: "err\n" });
  expect(await run(["put", "/x", "x"])).toMatchObject({ exitCode: REFUSED });
  expect(await run(["show", "/etc/hostname"])).toMatchObject({ exitCode: 0, stdout: "web\n" });
  expect(await runApiclient(guest, ["exec", "-T", "web", "--", "/nothing"])).toMatchObject({
    exitCode: 127,
  });
  const logs = await runApiclient(guest, ["logs", "web"]);
  expect(logs).toMatchObject({ exitCode: 0, stdout: expect.stringContaining("serving") });
}

test(
  "040 a workload of the settings is pulled, answers on its port, comes back after a reboot and goes",
  { timeout: bootsLimitMs(3) },
  inLab(async (lab) => {
    const probe = await buildProbe(lab.directory);
    await using registry = await startHostRegistry(lab.directory, REGISTRY_HOST);
    const digest = await registry.pushProbe(probe, "team/probe", "1");
    const repository = `${registry.authority}/team/probe`;

    const guest = await lab.boot({ cards: [CARD, METADATA_CARD], allowed: [WRONG_DIGEST] });
    await guest.healthy();
    await set(guest, {
      network: { hosts: [[ROUTER, [REGISTRY_HOST]]] },
      pki: { test: { data: registry.ca, trusted: true } },
      "container-registry": { credentials: { [registry.authority]: registry.credentials } },
    });
    const web = {
      image: `${repository}:1`,
      args: ["serve", "80", "hello"],
      ports: ["8080:80"],
      user: "1000:1000",
      volumes: { data: { path: "/data" } },
      resources: { memory: "64Mi", cpu: "500m", pids: 16 },
    };
    expect(await set(guest, { containers: { web } })).toMatchObject({
      services: [{ name: "containers", action: "rendered", status: "ok" }],
    });
    await expect.poll(() => ask(guest), SOON).toBe("hello");
    expect(await container(guest, "web")).toMatchObject({
      state: "running",
      restarts: 0,
      image: web.image,
      digest,
      reason: null,
      cpu_usage_us: expect.any(Number),
      memory_bytes: expect.any(Number),
      pids: 1,
    });

    // The machine's resolver answers it, by what the machine knows.
    expect(await exitCode(guest, web.image, ["resolve", REGISTRY_HOST])).toBe(0);

    await expectNoMetadata(guest, web.image);

    await expectCommands(guest);

    // On the image's kernel: so many processes and no more, nothing of the image changes, root gives a file away. What a
    // program may try to get out exits with the number of attempts that succeed.
    expect(
      await exitCodes(guest, web.image, {
        forks: { args: ["fork"], resources: { pids: 16 } },
        writes: { args: ["put", "/x", "x"] },
        leaves: { args: ["attempt"] },
        raw: { args: ["attempt"], "extra-capabilities": ["NET_RAW"] },
        becomes: {
          args: ["become", "/cache/x", "1000"],
          capabilities: ["CHOWN", "SETGID", "SETUID"],
          tmpfs: { cache: { path: "/cache" } },
        },
      }),
    ).toEqual({ forks: 16, writes: REFUSED, leaves: 0, raw: 2, becomes: 0 });

    // Another digest than any image has: nothing runs, and it is said why.
    const wrong = `${repository}@sha256:${"0".repeat(64)}`;
    await set(guest, { containers: { wrong: { image: wrong } } });
    await expect
      .poll(() => container(guest, "wrong"), SOON)
      .toMatchObject({ state: "waiting", reason: expect.stringContaining("does not have it") });
    expect(JSON.stringify(await guest.api.get("/containers"))).not.toContain(
      registry.credentials.password,
    );
    await set(guest, { containers: { wrong: null } });

    // Without the registry, too: what is there is started.
    await registry.stop();
    await guest.reboot();
    await expect.poll(() => ask(guest), SOON).toBe("hello");

    await set(guest, { containers: { web: null } });
    await expect.poll(() => ask(guest), SOON).not.toBe("hello");
    await expect.poll(() => guest.api.get("/containers"), SOON).toEqual([]);
  }),
);
