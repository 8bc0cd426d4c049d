import { link, mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { APICLIENT_MOUNTS } from "@ballast/host-containers/apiclient-mounts";
import { makeProbeImage, unpackTestPackage, type ContainersLab } from "@ballast/testkit/containers";
import { ExecaError } from "execa";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startMachine, type Machine } from "../machine.ts";
import { CAN_RUN_LAB, startLab } from "./lab.ts";

/** The probe and nothing else. */
const EMPTY = "lab.local/probe:1";
/** Another C library, and on the way to apiclient a link. */
const MUSL = "lab.local/musl:1";
const MUSL_LOADER = "/usr/lib/ld-musl-x86_64.so.1";
const CONTAINERS = { watch: "reader", admin: "admin" } as const;
type Container = keyof typeof CONTAINERS;

/** What a container may have set for its own programs; each breaks a program of another C library, or of Node. */
const HOSTILE = {
  LD_LIBRARY_PATH: "/hostile",
  LD_PRELOAD: MUSL_LOADER,
  LD_BIND_NOW: "1",
  GLIBC_TUNABLES: "glibc.rtld.nns=0",
  NODE_OPTIONS: "--require=/hostile/module.cjs",
  OPENSSL_CONF: "/hostile/openssl.cnf",
} as const;

let lab: ContainersLab;
let machine: Machine;
let count = 0;

beforeAll(async () => {
  lab = await startLab();
  await importMusl();
  machine = await startMachine();
  const entries = Object.entries(CONTAINERS).map(([name, role]) => [
    name,
    { source: EMPTY, enabled: true, "api-role": role },
  ]);
  await machine.set({ "host-containers": Object.fromEntries(entries) });
  // The lab sees the sockets of the machine's API where the product has them.
  for (const name of Object.keys(CONTAINERS)) {
    const folder = `run/ballast/host-containers/${name}`;
    await mkdir(lab.path(folder), { recursive: true });
    await link(join(machine.root, folder, "api.sock"), lab.path(`${folder}/api.sock`));
  }
}, 60_000);

afterAll(async () => {
  await machine[Symbol.asyncDispose]();
  await lab[Symbol.asyncDispose]();
});

async function importMusl(): Promise<void> {
  const files = await mkdtemp(join(tmpdir(), "ballast-musl-"));
  try {
    await unpackTestPackage("musl", files);
    await mkdir(join(files, "opt/tools"), { recursive: true });
    await mkdir(join(files, "usr/local"), { recursive: true });
    await symlink("/opt/tools", join(files, "usr/local/bin"));
    await mkdir(join(files, "hostile"));
    await writeFile(join(files, "hostile/libc.so.6"), "no library");
    await writeFile(join(files, "hostile/libstdc++.so.6"), "no library");
    const archive = lab.path("var/musl.tar");
    const image = { reference: MUSL, entrypoint: ["/probe"], files };
    await makeProbeImage(lab.probe, image, archive);
    await lab.importImage(archive);
  } finally {
    await rm(files, { recursive: true });
  }
}

interface Ended {
  readonly exitCode: number | undefined;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a program in a new container as the manager mounts apiclient into its containers. */
async function run(
  image: string,
  name: Container,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<Ended> {
  const socket = `/run/ballast/host-containers/${name}`;
  const mounts = [
    ...APICLIENT_MOUNTS,
    { destination: "/run/ballast", type: "bind", source: socket, options: ["bind", "ro"] },
  ].flatMap(({ destination, type, source, options }) => [
    "--mount",
    `type=${type},src=${source},dst=${destination},options=${options.join(":")}`,
  ]);
  const all = { PATH: "/usr/local/bin:/usr/bin", ...env };
  const variables = Object.entries(all).flatMap(([key, value]) => ["--env", `${key}=${value}`]);
  const command = ["ctr", "-n", "k8s.io", "run", "--rm", ...mounts, ...variables];
  try {
    const stdout = await lab.namespaces.run([...command, image, `run-${++count}`, ...args]);
    return { exitCode: 0, stdout, stderr: "" };
  } catch (error) {
    if (!(error instanceof ExecaError)) throw error;
    return {
      exitCode: error.exitCode,
      stdout: String(error.stdout),
      stderr: String(error.stderr),
    };
  }
}

describe.runIf(CAN_RUN_LAB)("apiclient in a container", { timeout: 60_000 }, () => {
  it.each([
    ["nothing of its own", EMPTY, {}],
    ["musl", MUSL, {}],
    ["musl and settings for its own libraries", MUSL, HOSTILE],
  ])("with %s asks the API with the role of the container", async (kind, image, env) => {
    const os = await run(image, "watch", ["apiclient", "get", "os"], env);
    expect(os).toMatchObject({ exitCode: 0, stderr: "" });
    expect(JSON.parse(os.stdout)).toMatchObject({ os: { version_id: "1.2.3" } });
    const refused = await run(image, "watch", ["apiclient", "set", "motd=by reader"], env);
    expect(refused).toMatchObject({
      exitCode: 77,
      stderr: expect.stringContaining("reader"),
    });
    const motd = `by ${kind}`;
    expect(await run(image, "admin", ["apiclient", "set", `motd=${motd}`], env)).toMatchObject({
      exitCode: 0,
    });
    expect(machine.read("run/ballast/etc/motd")).toContain(motd);
  });

  it("is broken by those settings without the launcher, and the image has musl", async () => {
    const loader = ["/.ballast/client/ld-linux-x86-64.so.2", "--argv0", "apiclient"];
    const direct = [...loader, "/.ballast/client/ballast", "--version"];
    expect(await run(MUSL, "watch", direct, HOSTILE)).not.toMatchObject({ exitCode: 0 });
    expect((await run(MUSL, "watch", [MUSL_LOADER])).stderr).toContain("musl libc");
  });

  it("is apiclient whatever it is asked to be, and takes all arguments", async () => {
    const programs = "/.ballast/client/apiclient";
    expect(await run(EMPTY, "watch", [programs, "signpost", "--version"])).toMatchObject({
      exitCode: 64,
      stderr: expect.stringContaining('"signpost"'),
    });
    const many = Array.from({ length: 5000 }, (_, index) => `key-${index}`);
    const { exitCode, stderr } = await run(EMPTY, "watch", ["apiclient", "get", ...many]);
    expect(exitCode).not.toBe(0);
    expect(stderr).toMatch(/^apiclient: /);
  });
});
