import { mkdir, mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  makeSshKey,
  runOfImage,
  unpackAdminImage,
  type AdminImage,
} from "@ballast/testkit/containers";
import { execa } from "execa";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { startAdminContainer, type AdminContainer } from "./sandboxed-admin.ts";

let image: AdminImage;
let folder: string;
type Key = Awaited<ReturnType<typeof makeSshKey>>;
let keys: { good: Key; other: Key };

beforeAll(async () => {
  image = await unpackAdminImage();
  folder = await mkdtemp(join(tmpdir(), "ballast-admin-storage-"));
  keys = {
    good: await makeSshKey(image, folder, "good"),
    other: await makeSshKey(image, folder, "other"),
  };
}, 300_000);

afterAll(async () => {
  await image[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});

async function start(
  userData: unknown,
  storage = join(folder, `s${performance.now()}`),
): Promise<AdminContainer> {
  await mkdir(storage, { recursive: true });
  const text =
    typeof userData === "string" || userData === undefined ? userData : JSON.stringify(userData);
  const container = await startAdminContainer(image, storage, text);
  onTestFinished(async () => container.stop());
  return container;
}

async function login(container: AdminContainer, key: Key, command: string, user = "admin") {
  const options = [
    "StrictHostKeyChecking=no",
    "UserKnownHostsFile=/dev/null",
    "BatchMode=yes",
    "LogLevel=ERROR",
  ];
  const ssh = [
    "ssh",
    ...options.flatMap((option) => ["-o", option]),
    "-i",
    "/run/key",
    `${user}@127.0.0.1`,
  ];
  await container.run(["sh", "-c", "umask 077; cat > /run/key"], key.secret);
  return container.run([...ssh, command]);
}

describe("the admin container", { timeout: 120_000 }, () => {
  it("keeps its host keys for the next container, and makes a damaged one anew", async () => {
    const storage = join(folder, "kept");
    const userData = { user: "anna", ssh: { "authorized-keys": [keys.good.line] } };
    const print = async (container: AdminContainer): Promise<string[]> => {
      await container.printed(/Server listening/);
      return container.output().match(/SHA256:\S+/g) ?? [];
    };
    const first = await start(userData, storage);
    const before = await print(first);
    expect(before).toHaveLength(2);
    expect((await login(first, keys.good, "id -un", "anna")).stdout).toBe("anna");
    await first.stop();
    const second = await start(userData, storage);
    expect(await print(second)).toEqual(before);
    await second.stop();
    await execa("truncate", ["-s", "10", join(storage, "etc/ssh/ssh_host_ed25519_key")]);
    const after = await print(await start(userData, storage));
    expect(after[0]).not.toBe(before[0]);
    expect(after[1]).toBe(before[1]);
    expect((await readdir(join(storage, "etc/ssh"))).toSorted()).toEqual([
      "ssh_host_ecdsa_key",
      "ssh_host_ecdsa_key.pub",
      "ssh_host_ed25519_key",
      "ssh_host_ed25519_key.pub",
    ]);
  });

  it("takes certificates of a named authority, and the algorithms", async () => {
    const storage = join(folder, "authority");
    const container = await start(
      {
        user: "root",
        ssh: {
          "trusted-user-ca-keys": [keys.other.line],
          ciphers: ["aes256-gcm@openssh.com"],
          macs: ["hmac-sha2-512-etm@openssh.com"],
        },
      },
      storage,
    );
    await container.printed(/Server listening/);
    expect((await login(container, keys.good, "true", "root")).exitCode).toBe(255);
    const sign = ["ssh-keygen", "-q", "-s", "other", "-I", "test", "-n", "root", "good.pub"];
    await runOfImage(image, folder, sign);
    const certificate = await readFile(join(folder, "good-cert.pub"), "utf8");
    await container.run(["sh", "-c", "cat > /run/key-cert.pub"], certificate);
    expect((await login(container, keys.good, "id -un", "root")).stdout).toBe("root");
    const weak = await container.run([
      "ssh",
      "-c",
      "aes128-ctr",
      "-o",
      "BatchMode=yes",
      "root@127.0.0.1",
    ]);
    expect(weak.stderr).toContain("no matching cipher");
  });

  it("takes the keys in their old spelling, and today's where both are given", async () => {
    const container = await start({
      user: "anna",
      ssh: {
        authorized_keys: [keys.good.line],
        macs: [],
        key_exchange_algorithms: ["curve25519-sha256"],
      },
    });
    await container.printed(/Server listening/);
    expect((await login(container, keys.good, "id -un", "anna")).stdout).toBe("anna");
    const root = await login(container, keys.good, "id -un", "root");
    expect(root.exitCode, "only the named user may log in").toBe(255);
    const old = { authorized_keys: [keys.other.line], "authorized-keys": [keys.good.line] };
    const both = await start({ ssh: old });
    await both.printed(/Server listening/);
    expect((await login(both, keys.good, "true")).exitCode).toBe(0);
    expect((await login(both, keys.other, "true")).exitCode).toBe(255);
  });

  it.each([
    ["none", undefined, "there is no user data"],
    ["empty", "", "there is no user data"],
    ["no JSON", "{", "not a JSON object"],
    ["a list", [], "not a JSON object"],
    ["no key", { user: "anna" }, "names no key"],
    ["a user that is an option", { user: "-o", ssh: { "authorized-keys": ["x"] } }, "user must be"],
    [
      "a directive in a key",
      { ssh: { "authorized-keys": ["x\nPermitRootLogin yes"] } },
      "texts of one line",
    ],
    [
      "a directive in ciphers",
      { ssh: { "authorized-keys": ["x"], ciphers: ["a\nUsePAM no"] } },
      "texts of one line",
    ],
    ["a space in ciphers", { ssh: { "authorized-keys": ["x"], ciphers: ["a b"] } }, "no algorithm"],
    [
      "an unknown cipher",
      { ssh: { "authorized-keys": ["x"], ciphers: ["rot13"] } },
      "sshd refuses",
    ],
    [
      "a command with a shell",
      { ssh: { "authorized-keys-command": "/bin/sh -c `id`" } },
      "path and arguments",
    ],
    ["too much", JSON.stringify({ user: "x".repeat(1_100_000) }), "larger than"],
  ])("stays and says why when the user data is wrong: %s", async (_name, userData, reason) => {
    const container = await start(userData);
    await container.printed(/waiting: /);
    expect(container.output()).toContain(reason);
    expect(container.output()).not.toContain("Server listening");
  });

  it("says what is missing when process 1 is not the host's", async () => {
    const container = await start({ ssh: { "authorized-keys": [keys.good.line] } });
    await container.printed(/Server listening/);
    const { exitCode, stderr } = await container.run(["enter-host"]);
    expect(exitCode).toBe(127);
    const full = await container.run(["/usr/local/bin/enter-host"]);
    expect({ exitCode: full.exitCode, stderr: full.stderr }).toEqual({
      exitCode: 1,
      stderr: expect.stringContaining("host-containers.<name>.superpowered"),
    });
    expect(stderr).not.toBe("");
  });
});
