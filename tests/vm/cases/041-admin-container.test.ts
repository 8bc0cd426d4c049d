import { bootsLimitMs, inLab, runApiclient, type Guest } from "@ballast/testkit";
import {
  ADMIN_ARCHIVE,
  makeSshKey,
  runOfImage,
  startHostRegistry,
  unpackAdminImage,
  type AdminImage,
  type ProgramEnded,
} from "@ballast/testkit/containers";
import { expect, test } from "vitest";

const REGISTRY_HOST = "registry.test";
/** A network on which the guest meets the machine that tests; the container's sshd listens in the guest's own network. */
const CARD = {
  id: "net7",
  mac: "52:54:00:41:00:07",
  plug: "user,net=10.0.7.0/24,hostfwd=tcp:127.0.0.1:0-:22",
} as const;
const ROUTER = "10.0.7.2";
/** The image has 70 MiB, and an emulated guest unpacks it. */
const SOON = { timeout: 300_000, interval: 2000 } as const;

async function set(guest: Guest, settings: unknown): Promise<unknown> {
  await guest.api.call("PATCH", "/settings", settings);
  return guest.api.call("POST", "/tx/commit_and_apply");
}

/** `user-data` of the settings for whoever has one of these keys. */
function userData(...keys: readonly string[]): string {
  return Buffer.from(JSON.stringify({ ssh: { "authorized-keys": keys } })).toString("base64");
}

/** Logs in from the machine that tests; a host key other than that of the first login is refused. */
async function ssh(
  guest: Guest,
  image: AdminImage,
  folder: string,
  key: string,
  command: string,
): Promise<ProgramEnded> {
  const options = [
    "StrictHostKeyChecking=accept-new",
    "UserKnownHostsFile=/mnt/known_hosts",
    "IdentitiesOnly=yes",
    "BatchMode=yes",
    "ConnectTimeout=20",
    "LogLevel=ERROR",
  ].flatMap((option) => ["-o", option]);
  const port = String(await guest.machine.forwardedPort(22));
  const login = ["ssh", ...options, "-p", port, "-i", `/mnt/${key}`, "admin@127.0.0.1"];
  return runOfImage(image, folder, [...login, command]);
}

test(
  "041 the admin container lets in who has the key, reaches the machine, and goes",
  { timeout: bootsLimitMs(2) + SOON.timeout },
  inLab(async (lab) => {
    await using registry = await startHostRegistry(lab.directory, REGISTRY_HOST);
    await registry.push(ADMIN_ARCHIVE, "ops/admin", "1");
    await using image = await unpackAdminImage();
    const good = await makeSshKey(image, lab.directory, "good");
    const other = await makeSshKey(image, lab.directory, "other");

    const guest = await lab.boot({ cards: [CARD] });
    await guest.healthy();
    const login = (key: string, command: string) => ssh(guest, image, lab.directory, key, command);
    await set(guest, {
      network: { hosts: [[ROUTER, [REGISTRY_HOST]]] },
      pki: { test: { data: registry.ca, trusted: true } },
      "container-registry": { credentials: { [registry.authority]: registry.credentials } },
    });
    const admin = {
      source: `${registry.authority}/ops/admin:1`,
      enabled: true,
      superpowered: true,
      "api-role": "admin",
      "user-data": userData(good.line),
    };
    await set(guest, { "host-containers": { admin } });

    await expect.poll(() => login("good", "id -un"), SOON).toMatchObject({ stdout: "admin" });
    expect(await login("other", "id -un")).toMatchObject({
      exitCode: 255,
      stderr: expect.stringContaining("Permission denied (publickey)"),
    });

    // The machine's own processes, files and programs, though it has no shell.
    expect(await login("good", "enter-host cat /proc/1/comm")).toMatchObject({ stdout: "systemd" });
    expect((await login("good", "enter-host systemctl is-active containerd")).stdout).toBe(
      "active",
    );
    expect((await login("good", "enter-host ls /usr/bin")).stdout).toContain("ballast");

    // The API, with the container's role.
    expect(await login("good", "apiclient set motd='set in the container'")).toMatchObject({
      exitCode: 0,
    });
    expect(await guest.api.get("/settings?keys=motd")).toEqual({ motd: "set in the container" });
    expect(await guest.api.get("/containers")).toMatchObject([
      { kind: "host", name: "admin", state: "running" },
    ]);

    // The other way in, and what it printed to the journal.
    expect(await runApiclient(guest, ["exec", "-T", "admin", "--", "id", "-u"])).toMatchObject({
      exitCode: 0,
      stdout: "0\n",
    });
    // sshd writes to standard error.
    const logs = await runApiclient(guest, ["logs", "host/admin"]);
    expect(logs.stderr).toContain("Accepted publickey");

    // Other user data makes it anew, with the same host key.
    await set(guest, { "host-containers": { admin: { "user-data": userData(other.line) } } });
    await expect.poll(() => login("other", "id -un"), SOON).toMatchObject({ stdout: "admin" });
    expect(await login("good", "id -un")).toMatchObject({ exitCode: 255 });

    await set(guest, { "host-containers": { admin: null } });
    await expect.poll(() => guest.api.get("/containers"), SOON).toEqual([]);
    // The forwarded port takes connections itself, and has nobody to pass them to.
    expect(await login("other", "id -un")).toMatchObject({ exitCode: 255, stdout: "" });
  }),
);
